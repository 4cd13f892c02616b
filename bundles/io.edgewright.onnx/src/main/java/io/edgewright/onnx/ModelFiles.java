// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The files that a model was read from; open until it is closed. */
final class ModelFiles implements AutoCloseable {

    private final @Nullable Path path;
    private final byte[] content;
    private final Map<String, FileChannel> open = new HashMap<>();

    /** Of a file and those beside it. */
    ModelFiles(Path path) {
        this.path = path;
        this.content = new byte[0];
    }

    /** Of bytes; empty for a model that was made. */
    ModelFiles(byte[] content) {
        this.path = null;
        this.content = content;
    }

    ProtoReader.Source source() throws IOException {
        return path == null ? ProtoReader.Source.of(content) : ProtoReader.Source.of(channel("", path));
    }

    /** {@return a part of the model file} */
    Bytes bytes(long offset, long length) throws IOException {
        if (path == null) {
            return new Bytes.InMemory(
                    ByteBuffer.wrap(content, (int) offset, (int) length).slice().asReadOnlyBuffer());
        }
        return new Bytes.InFile(channel("", path), offset, length);
    }

    /**
     * {@return a part of a file beside the model}
     *
     * @param length how much; negative for all from the offset on
     */
    Bytes external(String location, long offset, long length) throws IOException {
        if (path == null) {
            throw new MalformedModelException("its weights lie in '" + location + "', expected them in the model");
        }
        Path beside = path.resolveSibling(ExternalFiles.inside(path, location));
        if (!Files.isRegularFile(beside)) {
            throw new MalformedModelException(
                    "its weights lie in '" + location + "', which is no file beside the model");
        }
        FileChannel file = channel(location, beside);
        long end = file.size();
        long found = length < 0 ? end - offset : length;
        if (offset < 0 || found < 0 || found > end - offset) {
            throw new MalformedModelException("'%s' has %d bytes, expected %d from byte %d on: cut short?"
                    .formatted(location, end, found, offset));
        }
        return new Bytes.InFile(file, offset, found);
    }

    private FileChannel channel(String location, Path file) throws IOException {
        FileChannel channel = open.get(location);
        if (channel == null) {
            channel = FileChannel.open(file, StandardOpenOption.READ);
            open.put(location, channel);
        }
        return channel;
    }

    @Override
    public void close() throws IOException {
        for (FileChannel channel : open.values()) {
            channel.close();
        }
    }
}
