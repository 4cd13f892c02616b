// SPDX-License-Identifier: Apache-2.0

// Kura's console runs this in a frame of its own that shows about:blank: its page is window.top. Nothing here has to be
// stopped: when another entry is chosen, the frame leaves the page and takes its timers and connections along.
(() => {
  const page = '/admin/edgewright/console/index.html';

  window.top.extensionRegistry.registerExtension({
    id: 'io.edgewright.kura.console',
    onLoad(context) {
      context.addSidenavComponent('Edge AI', 'MICROCHIP', {
        buildWidget() {
          const frame = window.top.document.createElement('iframe');
          frame.title = 'Edge AI';
          frame.style.cssText = 'display: block; width: 100%; height: calc(100vh - 8rem); min-height: 30rem; border: 0;';
          // the page calls this before every change (console/api.js)
          frame.xsrfToken = () => new Promise((resolve, reject) => context.getXSRFToken({
            onSuccess: resolve,
            onFailure: message => reject(new Error(message)),
          }));
          frame.src = page;
          return frame;
        },
      });
    },
  });
})();
