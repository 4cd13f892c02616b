// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.shop;

import io.edgewright.api.source.FrameSource;
import io.edgewright.api.source.FrameStream;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The shop as a source: streams by the clock all see the same moment, fast ones each begin at frame 0. */
final class ShopSource implements FrameSource {

    private final ShopSettings settings;
    private final AtomicInteger streams = new AtomicInteger();
    /** Made when the first stream is opened: it takes a few hundred milliseconds. */
    private @Nullable Backdrop backdrop;

    private @Nullable LiveShop live;

    ShopSource(ShopSettings settings) {
        this.settings = settings;
    }

    @Override
    public String name() {
        return settings.name();
    }

    @Override
    public String status() {
        int open = streams.get();
        return String.format(
                Locale.ROOT,
                "rendered shop %d, seed %d: %d x %d, %s, %d %s",
                settings.scene(),
                settings.seed(),
                settings.width(),
                settings.height(),
                settings.realtime() ? settings.fps() + " frames/s" : "as fast as read",
                open,
                open == 1 ? "stream" : "streams");
    }

    @Override
    public synchronized FrameStream open() {
        Backdrop scenery = backdrop;
        if (scenery == null) {
            Scene scene = Scene.of(settings.scene());
            scenery = new Backdrop(scene, scene.view(settings.width(), settings.height()));
            backdrop = scenery;
        }
        streams.incrementAndGet();
        if (!settings.realtime()) {
            return new FastStream(settings, shop(scenery), streams::decrementAndGet);
        }
        LiveShop shared = live;
        if (shared == null) {
            shared = new LiveShop(shop(scenery), settings.fps());
            live = shared;
        }
        return new LiveStream(settings, shared, streams::decrementAndGet);
    }

    private Shop shop(Backdrop scenery) {
        return new Shop(
                Scene.of(settings.scene()), scenery, settings.seed(), settings.fps(), settings.customersPerMinute());
    }
}
