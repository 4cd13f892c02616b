// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.plugin;

import ai.onnxruntime.OrtEpDevice;
import ai.onnxruntime.OrtException;
import io.edgewright.onnxruntime.OrtRuntime;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The provider libraries that this process has registered with ONNX Runtime: each once, for as long as a driver or a
 * session uses it. Thread-safe.
 */
final class Libraries {

    /** Where ONNX Runtime says which library a device comes from (onnxruntime_ep_device_ep_metadata_keys.h). */
    private static final String LIBRARY_KEY = "library_path";

    private static final Map<Path, Registration> REGISTERED = new HashMap<>();

    private Libraries() {}

    /** One library; who holds it uses it until {@link #release}. */
    static final class Registration {

        private final Path library;
        private final String name;
        private int users;

        private Registration(Path library, String name) {
            this.library = library;
            this.name = name;
        }

        /** {@return the devices that the library offers; valid while it is held} */
        List<OrtEpDevice> devices() throws OrtException {
            String path = library.toString();
            return OrtRuntime.environment().getEpDevices().stream()
                    .filter(d -> path.equals(d.getEpMetadata().get(LIBRARY_KEY)))
                    .toList();
        }

        /** One user more. */
        void hold() {
            synchronized (REGISTERED) {
                users++;
            }
        }

        /** One user less; the last one unloads it. */
        void release() {
            synchronized (REGISTERED) {
                users--;
                if (users == 0) {
                    REGISTERED.remove(library);
                    try {
                        OrtRuntime.environment().unregisterExecutionProviderLibrary(name);
                    } catch (OrtException e) {
                        throw new IllegalStateException(
                                "library " + library + " could not be unregistered: " + e.getMessage(), e);
                    }
                }
            }
        }
    }

    /**
     * {@return a library, loaded now unless it was}
     *
     * @param library the real path
     * @param name what ONNX Runtime is to call it, if it is new; some providers show it as theirs
     * @throws OrtException if it does not load
     */
    static Registration hold(Path library, String name) throws OrtException {
        synchronized (REGISTERED) {
            Registration registration = REGISTERED.get(library);
            if (registration == null) {
                registration = new Registration(library, free(name));
                OrtRuntime.environment().registerExecutionProviderLibrary(registration.name, library.toString());
                REGISTERED.put(library, registration);
            }
            registration.users++;
            return registration;
        }
    }

    private static String free(String name) {
        String free = name;
        for (int i = 2; isTaken(free); i++) {
            free = name + "-" + i;
        }
        return free;
    }

    private static boolean isTaken(String name) {
        return REGISTERED.values().stream().anyMatch(r -> r.name.equals(name));
    }
}
