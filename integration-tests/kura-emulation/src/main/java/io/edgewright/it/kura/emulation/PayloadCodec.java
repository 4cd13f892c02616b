// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.kura.emulation;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Date;
import org.eclipse.kura.message.KuraPayload;
import org.jspecify.annotations.Nullable;

/**
 * Payloads as they are on the wire: protobuf with the field numbers of {@code kuradatatypes.KuraPayload}: timestamp 1, metric
 * 5000 (name 1, type 2, then one value by type: double 3, float 4, long 5, int 6, bool 7, string 8, bytes 9), body 5001. What
 * else is in a payload is passed over.
 */
final class PayloadCodec {

    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;
    private static final int METRIC = 5000;
    private static final int BODY = 5001;

    private PayloadCodec() {}

    static byte[] encode(KuraPayload payload) {
        var out = new ByteArrayOutputStream();
        if (payload.getTimestamp() != null) {
            varintField(out, 1, payload.getTimestamp().getTime());
        }
        for (String name : payload.metricNames()) {
            bytesField(out, METRIC, metric(name, payload.getMetric(name)));
        }
        if (payload.getBody() != null) {
            bytesField(out, BODY, payload.getBody());
        }
        return out.toByteArray();
    }

    static KuraPayload decode(byte[] bytes) {
        var payload = new KuraPayload();
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (in.hasRemaining()) {
            long tag = varint(in);
            Object value = value(in, (int) (tag & 7));
            switch ((int) (tag >>> 3)) {
                case 1 -> payload.setTimestamp(new Date((Long) value));
                case METRIC -> addMetric(payload, (byte[]) value);
                case BODY -> payload.setBody((byte[]) value);
                default -> {}
            }
        }
        return payload;
    }

    private static void addMetric(KuraPayload payload, byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        String name = "";
        @Nullable Object found = null;
        while (in.hasRemaining()) {
            long tag = varint(in);
            Object value = value(in, (int) (tag & 7));
            switch ((int) (tag >>> 3)) {
                case 1 -> name = new String((byte[]) value, StandardCharsets.UTF_8);
                case 3 -> found = Double.longBitsToDouble((Long) value);
                case 4 -> found = Float.intBitsToFloat(((Long) value).intValue());
                case 5 -> found = value;
                case 6 -> found = ((Long) value).intValue();
                case 7 -> found = (Long) value != 0;
                case 8 -> found = new String((byte[]) value, StandardCharsets.UTF_8);
                case 9 -> found = value;
                default -> {}
            }
        }
        payload.addMetric(name, found);
    }

    private static byte[] metric(String name, Object value) {
        var out = new ByteArrayOutputStream();
        bytesField(out, 1, name.getBytes(StandardCharsets.UTF_8));
        if (value instanceof Double number) {
            varintField(out, 2, 0);
            varint(out, 3L << 3 | FIXED64);
            out.writeBytes(little(8).putDouble(number).array());
        } else if (value instanceof Float number) {
            varintField(out, 2, 1);
            varint(out, 4L << 3 | FIXED32);
            out.writeBytes(little(4).putFloat(number).array());
        } else if (value instanceof Long number) {
            varintField(out, 2, 2);
            varintField(out, 5, number);
        } else if (value instanceof Integer number) {
            varintField(out, 2, 3);
            varintField(out, 6, number);
        } else if (value instanceof Boolean flag) {
            varintField(out, 2, 4);
            varintField(out, 7, flag ? 1 : 0);
        } else if (value instanceof byte[] bytes) {
            varintField(out, 2, 6);
            bytesField(out, 9, bytes);
        } else if (value instanceof String text) {
            varintField(out, 2, 5);
            bytesField(out, 8, text.getBytes(StandardCharsets.UTF_8));
        } else {
            throw new IllegalArgumentException(
                    "metric '" + name + "' is a " + value.getClass() + ", which no metric is");
        }
        return out.toByteArray();
    }

    private static Object value(ByteBuffer in, int wireType) {
        return switch (wireType) {
            case VARINT -> varint(in);
            case FIXED64 -> in.getLong();
            case FIXED32 -> (long) in.getInt();
            case BYTES -> {
                byte[] bytes = new byte[(int) varint(in)];
                in.get(bytes);
                yield bytes;
            }
            default -> throw new IllegalArgumentException("wire type " + wireType);
        };
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void varintField(ByteArrayOutputStream out, int field, long value) {
        varint(out, (long) field << 3 | VARINT);
        varint(out, value);
    }

    private static void bytesField(ByteArrayOutputStream out, int field, byte[] value) {
        varint(out, (long) field << 3 | BYTES);
        varint(out, value.length);
        out.writeBytes(value);
    }

    private static void varint(ByteArrayOutputStream out, long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out.write((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = in.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }
}
