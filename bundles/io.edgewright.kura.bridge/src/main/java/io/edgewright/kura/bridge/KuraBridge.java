// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.bridge;

import io.edgewright.kura.bridge.KuraConfigurations.Key;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.eclipse.kura.configuration.ConfigurableComponent;
import org.eclipse.kura.configuration.ConfigurationService;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ConfigurationEvent;
import org.osgi.service.cm.ConfigurationListener;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.MetaTypeService;
import org.osgi.util.tracker.BundleTracker;
import org.osgi.util.tracker.BundleTrackerCustomizer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Registers a marker for every configuration of a component that knows nothing of Kura: a service that tells Kura to show
 * and to keep the configuration. A marker exists exactly as long as its configuration does and an active bundle has the form.
 */
@Component(
        name = KuraBridge.NAME,
        service = ConfigurationListener.class,
        immediate = true,
        property = "kura.ui.service.hide=true")
public final class KuraBridge implements ConfigurationListener, BundleTrackerCustomizer<Bundle> {

    static final String NAME = "io.edgewright.kura.bridge";

    private static final Logger LOG = LoggerFactory.getLogger(KuraBridge.class);
    private static final ConfigurableComponent MARKER = new ConfigurableComponent() {};

    private final BundleContext context;
    private final KuraConfigurations configurations;
    private final Forms forms;
    private final Map<Bundle, Set<String>> declared = new ConcurrentHashMap<>();
    private final BundleTracker<Bundle> bundles;

    /** The only thread that touches the markers, until it has ended. */
    private final ThreadPoolExecutor worker = new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> new Thread(task, "edgewright-kura-bridge"),
            new ThreadPoolExecutor.DiscardPolicy());

    private final Map<Key, ServiceRegistration<?>> markers = new HashMap<>();
    private final AtomicBoolean due = new AtomicBoolean();

    /**
     * Called by Declarative Services.
     *
     * @param context registers the markers
     * @param admin where Kura puts the configurations
     * @param types knows the forms of the bundles
     */
    @Activate
    public KuraBridge(BundleContext context, @Reference ConfigurationAdmin admin, @Reference MetaTypeService types) {
        this.context = context;
        this.configurations = new KuraConfigurations(admin);
        this.forms = new Forms(types, context);
        this.bundles = new BundleTracker<>(context, Bundle.ACTIVE, this);
        bundles.open();
    }

    /** Takes the markers away; Kura keeps the configurations. */
    @Deactivate
    void stop() throws InterruptedException {
        bundles.close();
        worker.shutdown();
        if (!worker.awaitTermination(10, TimeUnit.SECONDS)) {
            LOG.warn("Kura has not taken a marker for 10 s; leaving it to the framework to take the others away");
            return;
        }
        markers.values().forEach(ServiceRegistration::unregister);
    }

    @Override
    public void configurationEvent(ConfigurationEvent event) {
        reconcileSoon();
    }

    @Override
    public @Nullable Bundle addingBundle(Bundle bundle, @Nullable BundleEvent event) {
        Set<String> pids = forms.pids(bundle);
        if (pids.isEmpty()) {
            return null;
        }
        declared.put(bundle, pids);
        reconcileSoon();
        return bundle;
    }

    @Override
    public void modifiedBundle(Bundle bundle, @Nullable BundleEvent event, Bundle tracked) {
        // only one state is tracked
    }

    @Override
    public void removedBundle(Bundle bundle, @Nullable BundleEvent event, Bundle tracked) {
        declared.remove(bundle);
        reconcileSoon();
    }

    private void reconcileSoon() {
        if (due.compareAndSet(false, true)) {
            worker.execute(() -> {
                due.set(false);
                reconcile();
            });
        }
    }

    private void reconcile() {
        Collection<Key> wanted;
        try {
            wanted = wanted();
        } catch (IOException e) {
            LOG.error("Cannot read the configurations; what changed is not seen in Kura until the next change", e);
            return;
        } catch (IllegalStateException e) {
            LOG.debug("A configuration was deleted meanwhile; its own event follows", e);
            return;
        }
        markers.entrySet().removeIf(marker -> {
            boolean old = !wanted.contains(marker.getKey());
            if (old) {
                marker.getValue().unregister();
            }
            return old;
        });
        wanted.forEach(key -> markers.computeIfAbsent(key, this::register));
    }

    /** Never two with one of Kura's names: some versions of Kura then delete the configuration. */
    private Collection<Key> wanted() throws IOException {
        Set<String> pids = declared.values().stream().flatMap(Set::stream).collect(Collectors.toSet());
        Map<String, Key> wanted = new HashMap<>();
        for (Configuration configuration : configurations.all()) {
            Key key = Key.of(configuration);
            Key twin = pids.contains(key.formPid()) ? wanted.putIfAbsent(key.kuraPid(), key) : null;
            if (twin != null) {
                LOG.warn("Leaving out {}: {} has the same kura.service.pid; delete one of them", key, twin);
            }
        }
        return Set.copyOf(wanted.values());
    }

    private ServiceRegistration<?> register(Key key) {
        var properties = new Hashtable<String, Object>();
        properties.put(Constants.SERVICE_PID, key.servicePid());
        properties.put(ConfigurationService.KURA_SERVICE_PID, key.kuraPid());
        if (key.factory()) {
            properties.put(ConfigurationAdmin.SERVICE_FACTORYPID, key.formPid());
        }
        LOG.debug("{} is configurable in Kura", key);
        return context.registerService(ConfigurableComponent.class, MARKER, properties);
    }
}
