// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringTokenizer;

/**
 * Memory as Linux sees it: {@code /proc/meminfo} (proc(5)) and the limits of the control group, version 2 or 1. Elsewhere
 * nothing is known and everything is admitted.
 */
final class LinuxMemory implements MemoryAdmission.Reader {

    private static final long NO_LIMIT = 1L << 60; // version 1 shows "none" as a number near 2^63

    private static final int MOST_DIGITS = 18; // of a long

    private final Path root;

    /**
     * @param root the file system's root; another one in tests
     */
    LinuxMemory(Path root) {
        this.root = root;
    }

    @Override
    public long availableBytes() {
        long available =
                number("proc/meminfo", "MemAvailable:").map(kib -> kib * 1024).orElse(Long.MAX_VALUE);
        for (Path group : groups("sys/fs/cgroup", "")) {
            available = Math.min(available, left(group, "memory.max", "memory.current", "inactive_file"));
        }
        for (Path group : groups("sys/fs/cgroup/memory", "memory")) {
            available = Math.min(
                    available, left(group, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"));
        }
        return available;
    }

    @Override
    public long residentBytes() {
        return number("proc/self/status", "VmRSS:").map(kib -> kib * 1024).orElse(0L);
    }

    /** {@return the folder of this process's group and those above it, as far as they are visible} */
    private List<Path> groups(String mount, String controller) {
        Path top = root.resolve(mount);
        String mine = lines(root.resolve("proc/self/cgroup")).stream()
                .map(line -> line.split(":", 3))
                .filter(parts ->
                        parts.length == 3 && List.of(parts[1].split(",")).contains(controller))
                .map(parts -> parts[2])
                .findFirst()
                .orElse("/");
        var groups = new ArrayList<Path>();
        for (Path at = top.resolve(mine.substring(1)).normalize(); at.startsWith(top); at = parent(at)) {
            groups.add(at);
        }
        return groups;
    }

    private static Path parent(Path path) {
        Path parent = path.getParent();
        return parent == null ? path : parent;
    }

    private long left(Path group, String limitFile, String usageFile, String reclaimable) {
        Optional<Long> limit = whole(group.resolve(limitFile));
        Optional<Long> usage = whole(group.resolve(usageFile));
        if (limit.isEmpty() || usage.isEmpty() || limit.get() >= NO_LIMIT) {
            return Long.MAX_VALUE;
        }
        long cache = table(group.resolve("memory.stat")).getOrDefault(reclaimable, 0L);
        return Math.max(0, limit.get() - usage.get() + cache);
    }

    private Optional<Long> number(String file, String key) {
        return Optional.ofNullable(table(root.resolve(file)).get(key));
    }

    private static Optional<Long> whole(Path file) {
        return lines(file).stream().findFirst().filter(LinuxMemory::isWhole).map(Long::valueOf);
    }

    private static boolean isWhole(String text) {
        return !text.isEmpty() && text.length() <= MOST_DIGITS && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static Map<String, Long> table(Path file) {
        Map<String, Long> table = new HashMap<>();
        for (String line : lines(file)) {
            var words = new StringTokenizer(line);
            String key = words.hasMoreTokens() ? words.nextToken() : "";
            String value = words.hasMoreTokens() ? words.nextToken() : "";
            if (isWhole(value)) {
                table.putIfAbsent(key, Long.valueOf(value));
            }
        }
        return table;
    }

    private static List<String> lines(Path file) {
        if (!Files.isReadable(file)) {
            return List.of(); // another system, or a group that is not mounted
        }
        try {
            return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return List.of(); // the kernel answers some of these files with an error where they do not apply
        }
    }
}
