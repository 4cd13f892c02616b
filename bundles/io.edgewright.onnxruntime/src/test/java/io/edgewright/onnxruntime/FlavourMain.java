// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnxruntime;

import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Tells which libraries it uses, several times: as after a refresh of the bundle, with a new class loader in the same process.
 * Then, if asked to collect, how many of those class loaders are still there.
 */
final class FlavourMain {

    private FlavourMain() {}

    public static void main(String[] args) throws Exception {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(":")) {
            urls.add(Path.of(entry).toUri().toURL());
        }
        List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(args[0]); i++) {
            var loader = new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
            Class<?> runtime = loader.loadClass("io.edgewright.onnxruntime.OrtRuntime");
            System.out.println(runtime.getMethod("flavour").invoke(null) + " version "
                    + runtime.getMethod("version").invoke(null) + " core "
                    + ((List<?>) runtime.getMethod("loadedLibraries").invoke(null)).get(0)
                    + " property " + System.getProperty("onnxruntime.native.path"));
            loaders.add(new WeakReference<>(loader));
        }
        if (Boolean.getBoolean("collect")) {
            System.out.println("kept " + kept(loaders));
        }
        if (Boolean.getBoolean("halt")) {
            System.out.flush();
            Runtime.getRuntime().halt(0);
        }
    }

    /** {@return how many are left after ten seconds of collections, at the most} */
    private static long kept(List<WeakReference<ClassLoader>> loaders) {
        long kept = loaders.size();
        for (int i = 0; i < 100 && kept > 0; i++) {
            System.gc();
            LockSupport.parkNanos(100_000_000);
            kept = loaders.stream().filter(l -> l.get() != null).count();
        }
        return kept;
    }
}
