// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnxruntime.session;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.edgewright.api.tensor.ElementType;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;

/**
 * Makes UINT16, UINT32 and UINT64 tensors, which ONNX Runtime's Java API takes from a run but cannot create: a one-node
 * model casts the signed tensor over the same bits. Thread-safe.
 */
final class UnsignedCasts implements AutoCloseable {

    private static final String IN = "x";
    private static final String OUT = "y";

    private final OrtEnvironment environment;
    private final Map<ElementType, OrtSession> sessions = new EnumMap<>(ElementType.class);

    UnsignedCasts(OrtEnvironment environment) {
        this.environment = environment;
    }

    /** One input's cast, ready to be repeated. */
    static final class Cast implements AutoCloseable {

        private final OrtSession session;
        private final Map<String, OnnxTensor> from;
        private final Map<String, OnnxTensor> to;
        private final OnnxTensor signed;
        private final OnnxTensor unsigned;

        private Cast(OrtSession session, OnnxTensor signed) throws OrtException {
            this.session = session;
            this.signed = signed;
            this.from = Map.of(IN, signed);
            // not closed: the tensor that it holds is the target of every later cast
            this.unsigned = (OnnxTensor) session.run(from).get(0);
            this.to = Map.of(OUT, unsigned);
        }

        OnnxTensor unsigned() {
            return unsigned;
        }

        /** Copies what the signed tensor's buffer holds now. */
        void repeat() throws OrtException {
            try (OrtSession.Result result = session.run(from, to)) {
                result.size();
            }
        }

        @Override
        public void close() {
            unsigned.close();
            signed.close();
        }
    }

    /**
     * {@return a cast}
     *
     * @param type the unsigned type
     * @param signed a tensor of the signed type of that size; closed with the cast
     */
    synchronized Cast cast(ElementType type, OnnxTensor signed) throws OrtException {
        OrtSession session = sessions.get(type);
        if (session == null) {
            try (var options = new OrtSession.SessionOptions()) {
                options.setIntraOpNumThreads(1);
                session = environment.createSession(model(type), options);
            }
            sessions.put(type, session);
        }
        return new Cast(session, signed);
    }

    @Override
    public synchronized void close() {
        for (OrtSession session : sessions.values()) {
            OpenedModel.close(session);
        }
        sessions.clear();
    }

    /** A model of one Cast node; every part is shorter than 128 bytes, so that each length takes one byte. */
    private static byte[] model(ElementType type) {
        int from = type == ElementType.UINT16 ? 5 : type == ElementType.UINT32 ? 6 : 7;
        int to = type == ElementType.UINT16 ? 4 : type == ElementType.UINT32 ? 12 : 13;
        byte[] attribute = join(text(1, "to"), number(3, to), number(20, 2));
        byte[] node = join(text(1, IN), text(2, OUT), text(4, "Cast"), part(5, attribute));
        byte[] graph = join(part(1, node), text(2, "cast"), part(11, value(IN, from)), part(12, value(OUT, to)));
        return join(number(1, 8), part(8, join(text(1, ""), number(2, 13))), part(7, graph));
    }

    private static byte[] value(String name, int type) {
        return join(text(1, name), part(2, part(1, number(1, type))));
    }

    private static byte[] text(int field, String value) {
        return part(field, value.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] part(int field, byte[] content) {
        return join(new byte[] {(byte) (field << 3 | 2), (byte) content.length}, content);
    }

    private static byte[] number(int field, int value) {
        return field < 16
                ? new byte[] {(byte) (field << 3), (byte) value}
                : new byte[] {(byte) (field << 3 & 0x7F | 0x80), (byte) (field >>> 4), (byte) value};
    }

    private static byte[] join(byte[]... parts) {
        var out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
