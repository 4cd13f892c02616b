// SPDX-License-Identifier: Apache-2.0
package io.edgewright.store.directory;

import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelException.Reason;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelInspector;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.store.directory.Layout.Look;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Remembers what the folder looked like, and finds what has changed and settled. One thread at a time. */
final class Scanner {

    private static final Logger LOG = LoggerFactory.getLogger(Scanner.class);

    /** A model and what its files looked like when it was read. */
    private record Served(ModelManifest manifest, Map<String, Look> files) {}

    /**
     * What a scan found.
     *
     * @param added models that are new or have new content
     * @param removed models that are gone
     * @param settling true if files have changed since the last look: look again soon
     */
    record Changes(List<ModelId> added, List<ModelId> removed, boolean settling) {}

    private final Path root;
    private final Map<ModelId, Served> served = new HashMap<>();
    private final Map<ModelId, Map<String, Look>> refused = new HashMap<>();
    private Map<ModelId, Map<String, Look>> lastLook = Map.of();
    private List<ModelInspector> lastInspectors = List.of();

    Scanner(Path root) {
        this.root = root;
    }

    List<ModelManifest> models() {
        return served.values().stream().map(Served::manifest).toList();
    }

    /** {@return the folders worth watching: also those that are still empty, as that is how each begins} */
    Set<Path> folders() throws IOException {
        return Layout.allFolders(root);
    }

    Path folder(ModelId id) {
        return root.resolve(id.name()).resolve(id.version().toString());
    }

    Changes scan(List<ModelInspector> inspectors) throws IOException {
        Map<ModelId, Map<String, Look>> look = Layout.look(root);
        List<ModelId> added = new ArrayList<>();
        List<ModelId> removed = new ArrayList<>();
        boolean settling = false;
        for (ModelId id : Set.copyOf(served.keySet())) {
            if (!look.containsKey(id)) {
                served.remove(id);
                removed.add(id);
            }
        }
        refused.keySet().retainAll(look.keySet());
        if (!inspectors.equals(lastInspectors)) {
            refused.clear(); // what nobody could read before, somebody may read now
            lastInspectors = List.copyOf(inspectors);
        }
        for (var entry : look.entrySet()) {
            ModelId id = entry.getKey();
            Map<String, Look> files = entry.getValue();
            Served known = served.get(id);
            if ((known != null && known.files().equals(files)) || files.equals(refused.get(id))) {
                continue;
            }
            if (!files.equals(lastLook.get(id))) {
                settling = true;
                continue;
            }
            switch (read(id, files, new VersionReader(inspectors))) {
                case SERVED -> added.add(id);
                case REFUSED -> {
                    if (served.remove(id) != null) {
                        removed.add(id);
                    }
                }
                case CHANGING -> settling = true;
            }
        }
        lastLook = look;
        return new Changes(added, removed, settling);
    }

    private enum Outcome {
        SERVED,
        REFUSED,
        CHANGING
    }

    private Outcome read(ModelId id, Map<String, Look> files, VersionReader reader) throws IOException {
        try {
            ModelManifest manifest = reader.read(id, folder(id), files.keySet());
            if (!Layout.files(folder(id)).equals(files)) {
                return Outcome.CHANGING;
            }
            served.put(id, new Served(manifest, files));
            refused.remove(id);
            return Outcome.SERVED;
        } catch (ModelException e) {
            if (e.reason() == Reason.STORAGE || !Layout.files(folder(id)).equals(files)) {
                return Outcome.CHANGING; // gone or written to while we read
            }
            refused.put(id, files);
            LOG.warn("{} is not served: {}", folder(id), e.getMessage());
            return Outcome.REFUSED;
        } catch (IOException e) {
            LOG.debug("{} could not be read, it may be changing", folder(id), e);
            return Outcome.CHANGING;
        } catch (RuntimeException | LinkageError | StackOverflowError | OutOfMemoryError e) {
            refused.put(id, files); // an inspector is foreign code; the other models are looked at all the same
            LOG.error("{} is not served, as what looks into it failed", folder(id), e);
            return Outcome.REFUSED;
        }
    }
}
