// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.kura;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;

/**
 * A framework with the parts of a Kura and an emulation of its services. Each start is one of Kura's: nothing is left of
 * bundles and their data, while the home of Edgewright, the snapshots and the packages last. Pax Exam cannot do that, as its
 * tests live inside the framework that would have to go; here only a {@link Probe} does.
 */
final class Gateway implements AutoCloseable {

    static final boolean EQUINOX = "equinox".equals(System.getProperty("edgewright.it.platform"));

    private static final Path PARTS = Path.of(System.getProperty("edgewright.it.parts"));

    private final Framework framework;

    private Gateway(Framework framework) {
        this.framework = framework;
    }

    /**
     * Starts it.
     *
     * @param folder what lasts: {@code home/}, {@code snapshots/}
     * @param more bundles to install and start after Kura's parts, in this order
     */
    static Gateway start(Path folder, Path... more) throws IOException, BundleException {
        System.setProperty("edgewright.home", folder.resolve("home").toString());
        Framework framework = ServiceLoader.load(FrameworkFactory.class)
                .findFirst()
                .orElseThrow()
                .newFramework(Map.of(
                        Constants.FRAMEWORK_STORAGE,
                        Files.createTempDirectory(Files.createDirectories(folder.resolve("storage")), "boot")
                                .toString(),
                        Constants.FRAMEWORK_STORAGE_CLEAN,
                        Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT,
                        "ds.loglevel",
                        "warn",
                        "kura.snapshots",
                        folder.resolve("snapshots").toString()));
        framework.start();
        Gateway gateway = new Gateway(framework);
        List<Path> parts = new ArrayList<>();
        parts.addAll(jars(PARTS.resolve("both")));
        parts.addAll(jars(PARTS.resolve(EQUINOX ? "equinox" : "felix")));
        parts.add(built("integration-tests/kura-emulation", "io.edgewright.it.kura.emulation"));
        gateway.installAll(parts);
        gateway.installAll(List.of(more));
        return gateway;
    }

    /** {@return the jar of one of our bundles} */
    static Path bundle(String name) {
        return built("bundles/" + name, name);
    }

    BundleContext context() {
        return framework.getBundleContext();
    }

    /** Installs all, then starts all. */
    void installAll(List<Path> jars) throws BundleException {
        List<Bundle> installed = new ArrayList<>();
        for (Path jar : jars) {
            installed.add(context().installBundle(jar.toUri().toString()));
        }
        for (Bundle bundle : installed) {
            if (bundle.getHeaders().get(Constants.FRAGMENT_HOST) == null) {
                bundle.start();
            }
        }
    }

    Bundle find(String name) {
        return Arrays.stream(context().getBundles())
                .filter(b -> name.equals(b.getSymbolicName()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no bundle " + name));
    }

    /** Calls a static method of a probe inside the framework; it sees all services and packages, and goes afterwards. */
    @SuppressWarnings("unchecked")
    <T> T call(Class<?> probe, String method, Object... arguments) throws Exception {
        Bundle bundle = context().installBundle("probe", Probe.open());
        try {
            bundle.start();
            Class<?> inside = bundle.loadClass(probe.getName());
            Object[] all = Stream.concat(Stream.of(bundle.getBundleContext()), Stream.of(arguments))
                    .toArray();
            var found = Arrays.stream(inside.getMethods())
                    .filter(m -> m.getName().equals(method))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(probe + " has no method " + method));
            return (T) found.invoke(null, all);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw (Exception) e.getCause();
        } finally {
            bundle.uninstall();
        }
    }

    /** Installs or updates a deployment package by DeploymentAdmin, as Kura does. */
    void deploy(Path deploymentPackage) throws Exception {
        try (InputStream in = Files.newInputStream(deploymentPackage)) {
            onDeploymentAdmin("installDeploymentPackage", InputStream.class, in);
        }
    }

    void undeploy(String name) throws Exception {
        Object found = onDeploymentAdmin("getDeploymentPackage", String.class, name);
        invoke(found, "org.osgi.service.deploymentadmin.DeploymentPackage", "uninstall", null, null);
    }

    private Object onDeploymentAdmin(String method, Class<?> type, Object argument) throws Exception {
        String name = "org.osgi.service.deploymentadmin.DeploymentAdmin";
        ServiceReference<?> reference = context().getServiceReference(name);
        if (reference == null) {
            throw new AssertionError("there is no DeploymentAdmin");
        }
        return invoke(context().getService(reference), name, method, type, argument);
    }

    /** By reflection: the classes are those of a bundle. */
    private Object invoke(Object target, String type, String method, Class<?> argumentType, Object argument)
            throws Exception {
        Class<?> owner = find("org.apache.felix.deploymentadmin").loadClass(type);
        try {
            return argumentType == null
                    ? owner.getMethod(method).invoke(target)
                    : owner.getMethod(method, argumentType).invoke(target, argument);
        } catch (InvocationTargetException e) {
            throw (Exception) e.getCause();
        }
    }

    @Override
    public void close() throws BundleException {
        framework.stop();
        try {
            framework.waitForStop(60_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BundleException("interrupted while it was stopping", e);
        }
    }

    private static List<Path> jars(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.toString().endsWith(".jar")).sorted().toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static Path built(String folder, String name) {
        return Path.of("../..", folder, "target", name + "-0.1.0-SNAPSHOT.jar").toAbsolutePath();
    }
}
