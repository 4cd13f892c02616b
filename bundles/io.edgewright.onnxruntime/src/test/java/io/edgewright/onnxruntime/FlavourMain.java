// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnxruntime;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Tells which libraries it uses, twice: as after a refresh of the bundle, with a new class loader in the same process. */
final class FlavourMain {

    private FlavourMain() {}

    public static void main(String[] args) throws Exception {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(":")) {
            urls.add(Path.of(entry).toUri().toURL());
        }
        for (int i = 0; i < Integer.parseInt(args[0]); i++) {
            var loader = new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
            Class<?> runtime = loader.loadClass("io.edgewright.onnxruntime.OrtRuntime");
            System.out.println(runtime.getMethod("flavour").invoke(null) + " version "
                    + runtime.getMethod("version").invoke(null) + " core "
                    + ((List<?>) runtime.getMethod("loadedLibraries").invoke(null)).get(0)
                    + " property " + System.getProperty("onnxruntime.native.path"));
        }
    }
}
