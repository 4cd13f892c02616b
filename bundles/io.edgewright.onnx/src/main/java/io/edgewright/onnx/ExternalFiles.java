// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Files beside a model that hold its weights. A model must not be able to name any other file. */
final class ExternalFiles {

    private ExternalFiles() {}

    /** {@return the location as a path relative to the model's folder, with slashes} */
    static String inside(Path file, String location) throws IOException {
        // ONNX Runtime takes "*/_ORT_MEM_ADDR_/*" for an address in its own memory
        boolean odd = location.isBlank()
                || location.startsWith("/")
                || location.chars().anyMatch(c -> c < ' ' || c == '\\' || c == '*' || c == ':')
                || List.of(location.split("/", -1)).contains("..");
        if (odd) {
            throw outside(location, "");
        }
        Path folder = file.toAbsolutePath().normalize().getParent();
        if (folder == null) {
            throw new IOException("'" + file + "' has no folder");
        }
        Path target = folder.resolve(location).normalize();
        if (target.equals(folder)) {
            throw outside(location, "");
        }
        if (Files.exists(target) && !target.toRealPath().startsWith(folder.toRealPath())) {
            throw outside(location, ", as it leads to " + target.toRealPath());
        }
        return folder.relativize(target).toString().replace('\\', '/');
    }

    private static MalformedModelException outside(String location, String why) {
        String shown = location.length() > 200 ? location.substring(0, 200) + "..." : location;
        return new MalformedModelException("its external data '" + shown + "' lies outside the model's folder" + why
                + "; expected a relative path like weights.bin");
    }
}
