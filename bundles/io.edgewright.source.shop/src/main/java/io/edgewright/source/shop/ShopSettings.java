// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.shop;

/**
 * The checked settings of a shop.
 *
 * @param name the source's name
 * @param width in pixels
 * @param height in pixels
 * @param fps frames a second of the shop's clock
 * @param seed of the customers
 * @param scene which shop
 * @param customersPerMinute on average
 * @param realtime by the clock rather than as fast as possible
 * @param frames how many; 0 for no end
 */
record ShopSettings(
        String name,
        int width,
        int height,
        int fps,
        long seed,
        long scene,
        double customersPerMinute,
        boolean realtime,
        long frames) {

    ShopSettings {
        if (name.isBlank()) {
            throw new IllegalArgumentException("name is blank, expected a name like shop");
        }
        check("width", width, 64, 1920);
        check("height", height, 64, 1080);
        check("fps", fps, 1, 60);
        check("scene", scene, 0, Long.MAX_VALUE);
        check("frames", frames, 0, Long.MAX_VALUE);
        if (!(customersPerMinute >= 0 && customersPerMinute <= 60)) {
            throw new IllegalArgumentException("customers.per.minute is " + customersPerMinute + ", expected 0 to 60");
        }
    }

    static ShopSettings of(ShopComponent.Config config) {
        boolean realtime =
                switch (config.pace()) {
                    case "realtime" -> true;
                    case "fast" -> false;
                    default ->
                        throw new IllegalArgumentException(
                                "pace is '" + config.pace() + "', expected realtime or fast");
                };
        return new ShopSettings(
                config.name(),
                config.width(),
                config.height(),
                config.fps(),
                config.seed(),
                config.scene(),
                config.customers_per_minute(),
                realtime,
                config.frames());
    }

    private static void check(String what, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException("%s is %d, expected %d to %d".formatted(what, value, least, most));
        }
    }
}
