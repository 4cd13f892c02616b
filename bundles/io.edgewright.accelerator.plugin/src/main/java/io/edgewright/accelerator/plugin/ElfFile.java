// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.plugin;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** Reads the head of a library file (System V ABI, chapter 4), so that a wrong one is told before it is loaded. */
final class ElfFile {

    /** Elf64_Ehdr, and less of Elf32_Ehdr. */
    private static final int HEAD = 64;

    /** Elf64_Phdr. */
    private static final int SEGMENT = 56;

    private static final int SHARED_OBJECT = 3;

    /** e_machine to the name that Java uses. */
    private static final Map<Integer, String> MACHINES = Map.of(
            3,
            "x86 (32 bits)",
            40,
            "arm (32 bits)",
            62,
            "amd64",
            183,
            "aarch64",
            243,
            "riscv64",
            21,
            "ppc64",
            22,
            "s390x");

    private ElfFile() {}

    /**
     * {@return why this file cannot be loaded here; empty if nothing speaks against it}
     *
     * @param architecture the one of this Java, as {@code os.arch} says
     * @throws IOException if the file cannot be read
     */
    static Optional<String> complaint(Path file, String architecture) throws IOException {
        try (FileChannel in = FileChannel.open(file)) {
            Optional<String> wrong = complaint(read(in, 0, HEAD).array(), architecture);
            return wrong.isPresent() ? wrong : cutOff(in);
        }
    }

    /** The system's loader ends the process over a library whose segments (program headers) run over its end. */
    private static Optional<String> cutOff(FileChannel in) throws IOException {
        ByteBuffer head = read(in, 0, HEAD);
        head.order(head.get(5) == 1 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        long size = in.size();
        long table = head.getLong(32);
        int count = head.getShort(56) & 0xFFFF;
        long end = table + (long) SEGMENT * count;
        if (head.get(4) == 2 && head.getShort(54) == SEGMENT && table >= 0 && end >= 0 && end <= size) {
            ByteBuffer segments = read(in, table, SEGMENT * count).order(head.order());
            for (int i = 0; i < count; i++) {
                long from = segments.getLong(SEGMENT * i + 8);
                long length = segments.getLong(SEGMENT * i + 32);
                if (from < 0 || length < 0 || from + length < 0) {
                    return Optional.of("it is damaged: segment " + i + " has no sensible place");
                }
                end = Math.max(end, from + length);
            }
        }
        return end >= 0 && end <= size
                ? Optional.empty()
                : Optional.of("it is cut off: it has " + size + " bytes, its segments end at " + end);
    }

    private static ByteBuffer read(FileChannel in, long from, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        int position = 0;
        for (int n = 0; n >= 0 && bytes.hasRemaining(); position += Math.max(n, 0)) {
            n = in.read(bytes, from + position);
        }
        return bytes.position() == length ? bytes : ByteBuffer.wrap(Arrays.copyOf(bytes.array(), bytes.position()));
    }

    static Optional<String> complaint(byte[] head, String architecture) {
        if (head.length < HEAD || head[0] != 0x7F || head[1] != 'E' || head[2] != 'L' || head[3] != 'F') {
            return Optional.of("it is no library for Linux: " + kindOf(head));
        }
        boolean little = head[5] == 1;
        ByteBuffer fields = ByteBuffer.wrap(head).order(little ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        int machine = fields.getShort(18) & 0xFFFF;
        String found = MACHINES.getOrDefault(machine, "machine " + machine);
        if (!found.equals(architecture)) {
            return Optional.of("it was built for " + found + ", expected " + architecture);
        }
        int type = fields.getShort(16) & 0xFFFF;
        return type == SHARED_OBJECT
                ? Optional.empty()
                : Optional.of("it is no shared library (ELF type " + type + ", expected " + SHARED_OBJECT + ")");
    }

    private static String kindOf(byte[] head) {
        if (head.length < HEAD) {
            return "it has only " + head.length + " bytes";
        }
        if (head[0] == 'M' && head[1] == 'Z') {
            return "it is one for Windows";
        }
        int magic = ByteBuffer.wrap(head).getInt();
        if (magic == 0xCFFAEDFE || magic == 0xCAFEBABE || magic == 0xFEEDFACF) {
            return "it is one for macOS";
        }
        return "it does not begin like one (0x%08x, expected 0x7f454c46)".formatted(magic);
    }
}
