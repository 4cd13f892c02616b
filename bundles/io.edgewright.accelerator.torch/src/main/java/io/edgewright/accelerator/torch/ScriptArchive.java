// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.torch;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * The parts of a TorchScript file that say what it is, read within limits and without native code. It is a zip with one
 * folder: {@code data.pkl} names the class of the model, {@code code/} holds its methods as text, {@code extra/} files of
 * whoever saved it. Format: {@code torch/csrc/jit/docs/serialization.md} of PyTorch; PKWARE's APPNOTE.TXT 6.3.
 */
final class ScriptArchive implements AutoCloseable {

    private static final int END_RECORD = 0x06054b50;
    private static final int END_RECORD_BYTES = 22;
    private static final int END64_RECORD = 0x06064b50;
    private static final int END64_LOCATOR = 0x07064b50;
    private static final int END64_LOCATOR_BYTES = 20;
    private static final long MOST_DIRECTORY_BYTES = 16L << 20;
    private static final int MOST_CODE_BYTES = 32 << 20;
    private static final int MOST_EXTRA_BYTES = 1 << 20;
    private static final int MOST_PICKLE_BYTES = 64 << 20;
    private static final int MOST_NAME = 1000;

    private static final String EXPECTED = "expected TorchScript, as torch.jit.script(model).save(file) writes it";

    private final ZipFile zip;
    private final String root;

    private ScriptArchive(ZipFile zip, String root) {
        this.zip = zip;
        this.root = root;
    }

    /**
     * Opens a file.
     *
     * @param file any file
     * @return what is to be closed
     * @throws ScriptException if it is no TorchScript
     */
    static ScriptArchive open(Path file) throws IOException {
        checkFrame(file);
        ZipFile zip;
        try {
            zip = new ZipFile(file.toFile());
        } catch (ZipException | IllegalArgumentException e) {
            throw damaged(e);
        }
        try {
            var archive = new ScriptArchive(zip, root(zip));
            archive.checkParts();
            return archive;
        } catch (ZipException | IllegalArgumentException e) {
            zip.close();
            throw damaged(e);
        } catch (IOException e) {
            zip.close();
            throw e;
        }
    }

    /** {@return the module's qualified class name, such as {@code __torch__.vad.Model}} */
    String className() throws IOException {
        byte[] head = head("data.pkl", MOST_NAME + 16);
        // PROTO 2, GLOBAL module \n name \n: the first thing that is built is the module itself
        int at = head.length > 2 && (head[0] & 0xff) == 0x80 ? 2 : 0;
        String text = new String(head, StandardCharsets.ISO_8859_1);
        int module = text.indexOf('\n', at);
        int name = module < 0 ? -1 : text.indexOf('\n', module + 1);
        if (head.length <= at || head[at] != 'c' || name < 0) {
            throw ScriptException.broken("data.pkl does not begin with the class of a module; " + EXPECTED);
        }
        String qualified = text.substring(at + 1, module) + "." + text.substring(module + 1, name);
        if (!qualified.matches("__torch__(\\.[A-Za-z0-9_]+)+")) {
            throw ScriptException.broken(
                    "data.pkl holds a " + qualified.replaceAll("[^\\w.]", "?") + ", no module; " + EXPECTED);
        }
        return qualified;
    }

    /**
     * {@return the text of a source file; empty if there is none}
     *
     * @param path below {@code code/}, such as {@code __torch__/vad.py}
     */
    Optional<String> code(String path) throws IOException {
        ZipEntry entry = zip.getEntry(root + "/code/" + path);
        return entry == null
                ? Optional.empty()
                : Optional.of(new String(read(entry, MOST_CODE_BYTES), StandardCharsets.UTF_8));
    }

    /** {@return all source files one after the other} */
    String allCode() throws IOException {
        var all = new StringBuilder();
        for (ZipEntry entry : below("code/")) {
            if (entry.getName().endsWith(".py")) {
                all.append(new String(read(entry, MOST_CODE_BYTES - all.length()), StandardCharsets.UTF_8))
                        .append('\n');
            }
        }
        return all.toString();
    }

    /** {@return all pickles, one after the other, a byte a character} */
    String allPickles() throws IOException {
        var all = new StringBuilder();
        for (ZipEntry entry : below("")) {
            if (entry.getName().endsWith(".pkl")) {
                all.append(new String(read(entry, MOST_PICKLE_BYTES - all.length()), StandardCharsets.ISO_8859_1))
                        .append('\n');
            }
        }
        return all.toString();
    }

    /**
     * {@return a file that was added when the model was saved ({@code _extra_files} of {@code torch.jit.save})}
     *
     * @param name its name
     */
    Optional<String> extra(String name) throws IOException {
        ZipEntry entry = zip.getEntry(root + "/extra/" + name);
        return entry == null
                ? Optional.empty()
                : Optional.of(new String(read(entry, MOST_EXTRA_BYTES), StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }

    /** Looks at both ends, so that nothing large is read of what is no zip. */
    private static void checkFrame(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer head = read(channel, 0, (int) Math.min(8, channel.size()));
            if (head.limit() == 0) {
                throw ScriptException.broken("it is empty; " + EXPECTED);
            }
            if (head.limit() == 8 && head.getInt(4) == 0x464d5450) { // PTMF
                throw ScriptException.unsupported(
                        "it is a flatbuffer of PyTorch's lite interpreter, which libtorch does"
                                + " not load; save it with torch.jit.script(model).save(file)");
            }
            if (head.limit() < 4 || head.getInt(0) != 0x04034b50) {
                throw ScriptException.broken("it is no zip; " + EXPECTED);
            }
            long end = channel.size() - END_RECORD_BYTES;
            ByteBuffer record = end < 0 ? ByteBuffer.allocate(0) : read(channel, end, END_RECORD_BYTES);
            if (end < 0 || record.getInt(0) != END_RECORD || record.getShort(20) != 0) {
                throw ScriptException.broken("it is a zip that is cut short, or has something after its end");
            }
            long directory = directoryBytes(channel, end, record);
            if (directory < 0 || directory > MOST_DIRECTORY_BYTES) {
                throw ScriptException.broken("its list of entries takes %d bytes, expected at most %d"
                        .formatted(directory, MOST_DIRECTORY_BYTES));
            }
        }
    }

    private static long directoryBytes(FileChannel channel, long end, ByteBuffer record) throws IOException {
        long size = Integer.toUnsignedLong(record.getInt(12));
        long locator = end - END64_LOCATOR_BYTES;
        if (locator < 0) {
            return size;
        }
        ByteBuffer link = read(channel, locator, END64_LOCATOR_BYTES);
        if (link.getInt(0) != END64_LOCATOR) {
            return size;
        }
        long at = link.getLong(8);
        if (at < 0 || at > locator - 56) {
            throw ScriptException.broken("its Zip64 record lies outside of it");
        }
        ByteBuffer record64 = read(channel, at, 56);
        if (record64.getInt(0) != END64_RECORD) {
            throw ScriptException.broken("its Zip64 record is damaged");
        }
        return Math.max(size == 0xffffffffL ? 0 : size, record64.getLong(40));
    }

    /** All entries lie in one folder, and none is there twice, whatever the case: readers differ in which one they take. */
    private static String root(ZipFile zip) throws IOException {
        String root = "";
        Set<String> names = new HashSet<>();
        for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
            String name = all.nextElement().getName();
            int slash = name.indexOf('/');
            if (slash <= 0 || (!root.isEmpty() && !root.equals(name.substring(0, slash)))) {
                throw ScriptException.broken("it is a zip without the one folder of a model; " + EXPECTED);
            }
            root = name.substring(0, slash);
            if (!names.add(name.toLowerCase(Locale.ROOT))) {
                throw ScriptException.broken("it has the entry '" + shown(name) + "' twice");
            }
        }
        return root;
    }

    private void checkParts() throws IOException {
        if (zip.getEntry(root + "/data.pkl") == null) {
            boolean exported = zip.getEntry(root + "/serialized_exported_program.json") != null
                    || !below("models/").isEmpty();
            if (exported || zip.getEntry(root + "/bytecode.pkl") != null) {
                throw ScriptException.unsupported(
                        (exported ? "it is an exported program (torch.export)" : "it is for the lite interpreter only")
                                + "; " + EXPECTED);
            }
            throw ScriptException.broken("it is a zip without data.pkl; " + EXPECTED);
        }
        if (below("code/").isEmpty()) {
            if (zip.getEntry(root + "/bytecode.pkl") != null) {
                throw ScriptException.unsupported("it is for the lite interpreter only, without code; " + EXPECTED);
            }
            throw ScriptException.broken(
                    "it holds weights only, no model (torch.save of a state_dict or of a whole module); " + EXPECTED);
        }
    }

    private List<ZipEntry> below(String folder) {
        String prefix = root + "/" + folder;
        List<ZipEntry> found = new ArrayList<>();
        zip.stream()
                .filter(e -> e.getName().startsWith(prefix) && !e.isDirectory())
                .forEach(found::add);
        return found;
    }

    private byte[] head(String name, int bytes) throws IOException {
        try (InputStream in = stream(zip.getEntry(root + "/" + name))) {
            return in.readNBytes(bytes);
        } catch (ZipException | EOFException e) {
            throw damaged(e);
        }
    }

    private byte[] read(ZipEntry entry, int most) throws IOException {
        try (InputStream in = stream(entry)) {
            byte[] content = in.readNBytes(Math.max(0, most) + 1);
            if (content.length > most) {
                throw ScriptException.broken(
                        "'" + shown(entry.getName()) + "' and what was read before it take more than the limit");
            }
            return content;
        } catch (ZipException | EOFException e) {
            throw damaged(e);
        }
    }

    private InputStream stream(ZipEntry entry) throws IOException {
        InputStream in = zip.getInputStream(entry);
        if (in == null) {
            throw ScriptException.broken("its entry '" + shown(entry.getName()) + "' cannot be read");
        }
        return in;
    }

    private static ByteBuffer read(FileChannel channel, long at, int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, at + buffer.position()) < 0) {
                throw ScriptException.broken("it ended while it was read");
            }
        }
        return buffer.flip();
    }

    private static ScriptException damaged(Exception e) {
        return ScriptException.broken("its zip is damaged: " + e.getMessage());
    }

    private static String shown(String name) {
        String printable = name.replaceAll("\\p{Cntrl}", "?");
        return printable.length() > 100 ? printable.substring(0, 100) + "..." : printable;
    }
}
