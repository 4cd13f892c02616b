// SPDX-License-Identifier: Apache-2.0
package io.edgewright.store.local;

import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelException.Reason;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** Unpacks a zip file that may be hostile. Format: PKWARE's APPNOTE.TXT 6.3. */
final class ZipPackage {

    private static final int END_RECORD = 0x06054b50;
    private static final int END_RECORD_BYTES = 22;
    private static final int ENTRY_RECORD = 0x02014b50;
    private static final int ENTRY_RECORD_BYTES = 46;
    private static final int UNIX = 3;
    private static final long DIRECTORY_BYTES = 16L << 20; // Java's ZipFile reads it whole

    private ZipPackage() {}

    static boolean isZip(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] magic = in.readNBytes(4);
            return magic.length == 4
                    && magic[0] == 'P'
                    && magic[1] == 'K'
                    && ((magic[2] == 3 && magic[3] == 4) || (magic[2] == 5 && magic[3] == 6));
        }
    }

    /** Unpacks into the package; its digests are computed on the way. */
    static void unpack(Path zip, Staging staging) throws IOException, ModelException {
        try {
            refuseLinks(zip);
            try (ZipFile file = new ZipFile(zip.toFile())) {
                if (file.size() > 2 * Limits.FILES) {
                    throw new ModelException(
                            Reason.TOO_LARGE,
                            "the zip has %d entries, expected at most %d".formatted(file.size(), 2 * Limits.FILES),
                            null);
                }
                List<ZipEntry> entries = new ArrayList<>();
                file.stream().forEach(entries::add);
                checkNames(entries);
                long[] unpacked = {0};
                for (ZipEntry entry : entries) {
                    if (!entry.isDirectory() && !Staging.isHidden(entry.getName())) {
                        try (InputStream in = new Counted(file.getInputStream(entry), unpacked, Files.size(zip))) {
                            staging.add(entry.getName(), in);
                        }
                    }
                }
            }
        } catch (BombException e) {
            throw new ModelException(Reason.TOO_LARGE, String.valueOf(e.getMessage()), e);
        } catch (ZipException | EOFException | IllegalArgumentException e) {
            throw new ModelException(Reason.INVALID_MODEL, "the zip is damaged: " + e.getMessage(), e);
        }
    }

    private static void checkNames(List<ZipEntry> entries) throws ModelException {
        Set<String> names = new HashSet<>();
        for (ZipEntry entry : entries) {
            String name = entry.getName();
            Staging.check(entry.isDirectory() ? name.substring(0, name.length() - 1) : name);
            if (!names.add(name)) {
                throw new ModelException(Reason.INVALID_MODEL, "the zip has '" + name + "' twice", null);
            }
        }
    }

    /** Java's ZipFile does not tell links from files; the central directory does, in the Unix mode. */
    private static void refuseLinks(Path zip) throws IOException, ModelException {
        try (FileChannel channel = FileChannel.open(zip, StandardOpenOption.READ)) {
            long size = channel.size();
            ByteBuffer tail = read(channel, Math.max(0, size - END_RECORD_BYTES - 0xFFFF), 0xFFFF + END_RECORD_BYTES);
            int end = tail.limit() - END_RECORD_BYTES;
            while (end >= 0 && tail.getInt(end) != END_RECORD) {
                end--;
            }
            if (end < 0) {
                throw new ZipException("it has no end record: cut short?");
            }
            long at = tail.getInt(end + 16) & 0xFFFF_FFFFL;
            long directoryBytes = tail.getInt(end + 12) & 0xFFFF_FFFFL;
            if (at == 0xFFFF_FFFFL || directoryBytes == 0xFFFF_FFFFL || (tail.getShort(end + 10) & 0xFFFF) == 0xFFFF) {
                throw new ModelException(
                        Reason.INVALID_MODEL,
                        "the zip is in Zip64 form, expected an ordinary zip of less than 4 GiB",
                        null);
            }
            if (directoryBytes > DIRECTORY_BYTES) {
                throw new ModelException(
                        Reason.TOO_LARGE,
                        "the zip's directory has %d bytes, expected at most %d"
                                .formatted(directoryBytes, DIRECTORY_BYTES),
                        null);
            }
            // the directory may lie behind a prefix, as in a self-extracting file: trust where it must end
            long directoryEnd = size - tail.limit() + end;
            at = directoryEnd - directoryBytes;
            while (at >= 0 && at + ENTRY_RECORD_BYTES <= directoryEnd) {
                ByteBuffer entry = read(channel, at, ENTRY_RECORD_BYTES);
                if (entry.limit() < ENTRY_RECORD_BYTES || entry.getInt(0) != ENTRY_RECORD) {
                    throw new ZipException("its directory is damaged at byte " + at);
                }
                int mode = entry.getInt(38) >>> 16;
                if (entry.get(5) == UNIX
                        && (mode & 0xF000) != 0
                        && (mode & 0xF000) != 0x8000
                        && (mode & 0xF000) != 0x4000) {
                    throw new ModelException(
                            Reason.INVALID_MODEL,
                            "the zip holds a link or special file (mode %o), expected files and folders only"
                                    .formatted(mode),
                            null);
                }
                at += ENTRY_RECORD_BYTES
                        + (entry.getShort(28) & 0xFFFF)
                        + (entry.getShort(30) & 0xFFFF)
                        + (entry.getShort(32) & 0xFFFF);
            }
        }
    }

    private static ByteBuffer read(FileChannel channel, long position, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        long at = position;
        while (buffer.hasRemaining()) {
            int read = channel.read(buffer, at);
            if (read < 0) {
                break;
            }
            at += read;
        }
        return buffer.flip();
    }

    /** Stops a zip bomb while it unfolds: what entries claim about their size may be a lie. */
    private static final class Counted extends FilterInputStream {

        private final long[] unpacked;
        private final long packed;

        Counted(InputStream in, long[] unpacked, long packed) {
            super(in);
            this.unpacked = unpacked;
            this.packed = packed;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int read = in.read(target, offset, length);
            unpacked[0] += Math.max(0, read);
            if (unpacked[0] > Limits.ZIP_RATIO_FROM && unpacked[0] / Limits.ZIP_RATIO > packed) {
                throw new BombException("the zip of %d bytes grows to more than %d times that: a zip bomb?"
                        .formatted(packed, Limits.ZIP_RATIO));
            }
            return read;
        }
    }

    private static final class BombException extends IOException {

        private static final long serialVersionUID = 1L;

        BombException(String message) {
            super(message);
        }
    }
}
