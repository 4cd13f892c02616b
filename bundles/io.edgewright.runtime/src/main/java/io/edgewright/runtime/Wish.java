// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.model.ModelVersion;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Which version a deployment should serve. */
final class Wish {

    private Wish() {}

    /**
     * {@return the version to serve}
     *
     * <p>It is the newest that the rule allows. A version that was rolled back is not tried again, nor an older one in
     * its place: what serves stays until a newer version arrives.
     *
     * @param versions of the model
     * @param serving what serves now; null for nothing
     */
    static Optional<ModelManifest> of(
            List<ModelManifest> versions,
            DeploymentSettings settings,
            DeploymentState state,
            @Nullable ModelManifest serving) {
        List<ModelManifest> allowed = versions.stream()
                .filter(m -> settings.version().matches(m.id().version()))
                .sorted(Comparator.comparing((ModelManifest m) -> m.id().version())
                        .reversed())
                .toList();
        if (allowed.isEmpty()) {
            return Optional.empty();
        }
        ModelManifest newest = allowed.get(0);
        Optional<ModelVersion> highest = state.rejected().stream()
                .filter(ref -> ref.model().equals(settings.model()))
                .map(ref -> ModelVersion.parse(ref.version()))
                .max(Comparator.naturalOrder());
        boolean held = highest.isPresent()
                && (state.hasRejected(newest) || newest.id().version().compareTo(highest.get()) < 0);
        if (!held) {
            return Optional.of(newest);
        }
        return serving != null && serving.id().name().equals(settings.model())
                ? Optional.of(serving)
                : allowed.stream().filter(m -> !state.hasRejected(m)).findFirst();
    }

    /**
     * {@return what to try first after a start: what served last, then what is wished, then what served before, then what
     * served first of all}
     */
    static List<ModelManifest> startOrder(
            List<ModelManifest> versions, DeploymentSettings settings, DeploymentState state) {
        List<ModelManifest> order = new ArrayList<>();
        find(versions, state.active()).ifPresent(order::add);
        of(versions, settings, state, null).ifPresent(order::add);
        Stream.of(state.previous(), state.factory())
                .flatMap(ref -> find(versions, ref).stream())
                .filter(m -> !state.hasRejected(m))
                .forEach(order::add);
        order.removeIf(m -> settings.version().forbids(m.id().version()));
        return order.stream().distinct().toList();
    }

    /** Refuses to go back below the floor. */
    static void checkFloor(ModelManifest before, DeploymentSettings settings) {
        if (settings.version().forbids(before.id().version())) {
            throw new IllegalStateException(before.id() + " is below version.floor: deployment " + settings.name()
                    + " serves " + settings.version());
        }
    }

    /**
     * {@return what to tell the operator when no version can be wished for}
     *
     * @param versions of the model
     * @param names of the models that there are
     */
    static String noModel(List<ModelManifest> versions, DeploymentSettings settings, Collection<String> names) {
        if (settings.model().isEmpty()) {
            return "no model is set; set 'model' to one of " + names;
        }
        return versions.isEmpty()
                ? "model '%s' is in no store; add it, or set 'model' to one of %s".formatted(settings.model(), names)
                : "model '%s' has no version %s; there are %s"
                        .formatted(
                                settings.model(),
                                settings.version(),
                                versions.stream().map(m -> m.id().version()).toList());
    }

    private static Optional<ModelManifest> find(List<ModelManifest> versions, DeploymentState.@Nullable Ref ref) {
        return ref == null
                ? Optional.empty()
                : versions.stream().filter(ref::is).findFirst();
    }
}
