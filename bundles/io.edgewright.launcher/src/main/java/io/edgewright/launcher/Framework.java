// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import io.edgewright.api.config.Home;
import io.edgewright.launcher.Installation.Located;
import io.edgewright.launcher.log.FelixLog;
import io.edgewright.launcher.log.OsgiLog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.xml.parsers.SAXParserFactory;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.FrameworkListener;
import org.osgi.framework.ServiceException;
import org.osgi.framework.startlevel.FrameworkStartLevel;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.FrameworkWiring;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running OSGi framework with some features. Its storage is a cache: what must last lies in the home. */
final class Framework implements AutoCloseable {

    /** Above the start level of every bundle of a feature and of the drop folder. */
    private static final int FULL_START_LEVEL = 10;

    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(15);

    /** What bundles get from the class path. Gson only for our own, which have another copy where nobody exports it so. */
    private static final String SYSTEM_PACKAGES = "org.slf4j;version=2.0.17,org.slf4j.spi;version=2.0.17,"
            + "org.slf4j.event;version=2.0.17,org.slf4j.helpers;version=2.0.17,org.osgi.service.log;version=1.5.0,"
            + "com.google.gson;version=2;edgewright=shared;mandatory:=edgewright,"
            + "com.google.gson.stream;version=2;edgewright=shared;mandatory:=edgewright";

    private static final Logger LOG = LoggerFactory.getLogger(Framework.class);

    private final org.osgi.framework.launch.Framework felix;
    private final List<Feature> features;

    private Framework(org.osgi.framework.launch.Framework felix, List<Feature> features) {
        this.felix = felix;
        this.features = features;
    }

    /**
     * Starts a framework and waits until every bundle of the features is active.
     *
     * @param installation where the bundles are
     * @param features what to start
     * @param home the gateway's folder
     * @param variables values for the variables of the features
     */
    static Framework start(Installation installation, List<String> features, Path home, Map<String, String> variables)
            throws IOException, CommandException {
        List<Feature> resolved = installation.features().resolve(features);
        List<Located> places = installation.locate(resolved);
        Map<String, Object> properties = new HashMap<>(Installation.properties(resolved, variables));
        properties.put(Home.PROPERTY, home.toString());
        properties.put(Installation.PROPERTY, installation.folder().toString());
        var storage = new Storage(home.resolve("run"));
        properties.put(Constants.FRAMEWORK_STORAGE, storage.renew().toString());
        properties.put(Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
        properties.put(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA, SYSTEM_PACKAGES);
        properties.put("felix.log.level", "2");
        properties.put("felix.log.logger", new FelixLog());
        System.setProperty(Home.PROPERTY, home.toString());
        Installation.unpackedNatives(places)
                .ifPresent(folder -> System.setProperty(Installation.UNPACKED_PROPERTY, folder.toString()));
        useTheXmlParserOfJava();
        var framework = new Framework(new org.apache.felix.framework.Felix(properties), resolved);
        try {
            framework.boot(places);
            storage.deleteOldLater();
            return framework;
        } catch (BundleException e) {
            framework.close();
            throw new CommandException(Exit.FAILED, "the framework did not start: " + e.getMessage(), e);
        } catch (CommandException | IOException e) {
            framework.close();
            throw e;
        }
    }

    /** Without this every reader of XML, Declarative Services first, has the class path searched for others. */
    private static void useTheXmlParserOfJava() {
        String type = SAXParserFactory.class.getName();
        if (System.getProperty(type) == null) {
            System.setProperty(
                    type, SAXParserFactory.newDefaultInstance().getClass().getName());
        }
    }

    BundleContext context() {
        return felix.getBundleContext();
    }

    boolean hasFeature(String name) {
        return features.stream().anyMatch(f -> f.name().equals(name));
    }

    /** Waits until the framework was stopped by somebody. */
    void awaitStop() throws InterruptedException {
        felix.waitForStop(0);
    }

    /** Stops every bundle and waits until they have, even if this thread is interrupted: what they write to is deleted next. */
    @Override
    public void close() {
        boolean interrupted = Thread.interrupted();
        try {
            felix.stop();
            FrameworkEvent end = felix.waitForStop(STOP_LIMIT.toMillis());
            if (end.getType() == FrameworkEvent.WAIT_TIMEDOUT) {
                LOG.error("The bundles did not stop within {} s; giving up on them", STOP_LIMIT.toSeconds());
            }
        } catch (BundleException e) {
            LOG.error("The framework did not stop cleanly", e);
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void boot(List<Located> places) throws BundleException, IOException, CommandException {
        felix.start();
        BundleContext context = felix.getBundleContext();
        OsgiLog.register(context);
        List<Bundle> bundles = install(context, places);
        var preloader = new Preloader();
        for (int i = 0; i < bundles.size(); i++) {
            preloader.add(bundles.get(i), places.get(i).ref().preload());
        }
        preloader.start();
        for (Bundle bundle : bundles) {
            if (!isFragment(bundle)) {
                bundle.start();
            }
        }
        List<String> failures = new ArrayList<>();
        raiseStartLevel(failures);
        for (int i = 0; i < bundles.size(); i++) {
            if (bundles.get(i).getState() != Bundle.ACTIVE && !isFragment(bundles.get(i))) {
                failures.add(places.get(i).ref() + " is not active");
            }
        }
        if (!failures.isEmpty()) {
            throw new CommandException(Exit.FAILED, "bundles did not start:\n  " + String.join("\n  ", failures), null);
        }
    }

    /** Installs and resolves all before the first one starts: together that takes less time. */
    private List<Bundle> install(BundleContext context, List<Located> places) throws BundleException {
        var startLevels = felix.adapt(FrameworkStartLevel.class);
        int usual = startLevels.getInitialBundleStartLevel();
        List<Bundle> bundles = new ArrayList<>();
        for (Located place : places) {
            startLevels.setInitialBundleStartLevel(place.ref().startLevel()); // set later, it would be written again
            bundles.add(context.installBundle("reference:" + place.path().toUri()));
        }
        startLevels.setInitialBundleStartLevel(usual);
        felix.adapt(FrameworkWiring.class).resolveBundles(bundles);
        return bundles;
    }

    private void raiseStartLevel(List<String> failures) throws CommandException {
        var reached = new CountDownLatch(1);
        FrameworkListener listener = event -> {
            if (event.getType() != FrameworkEvent.ERROR || event.getThrowable() == null) {
                return;
            }
            if (event.getThrowable() instanceof ServiceException) {
                // one component with a setting or a file that it refuses, which it has logged: the others can do
                // without
                LOG.error(
                        "{} lacks a service: {}",
                        event.getBundle(),
                        event.getThrowable().getMessage());
            } else {
                synchronized (failures) {
                    failures.add(event.getBundle() + ": " + event.getThrowable().getMessage());
                }
            }
        };
        felix.getBundleContext().addFrameworkListener(listener);
        felix.adapt(FrameworkStartLevel.class).setStartLevel(FULL_START_LEVEL, event -> reached.countDown());
        try {
            if (!reached.await(START_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw new CommandException(
                        Exit.FAILED, "the bundles did not start within " + START_LIMIT.toSeconds() + " s", null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException(Exit.FAILED, "interrupted while the bundles started", e);
        } finally {
            felix.getBundleContext().removeFrameworkListener(listener);
        }
    }

    private static boolean isFragment(Bundle bundle) {
        return (bundle.adapt(BundleRevision.class).getTypes() & BundleRevision.TYPE_FRAGMENT) != 0;
    }
}
