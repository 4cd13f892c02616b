// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import io.edgewright.onnx.proto.Span;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A model without its weights: in their place are spans that say where they lie. So the generated classes, which keep all of a
 * message in memory, never see them. Field numbers: onnx.proto.
 */
final class Skeleton {

    /** What may be in memory of one model. Real ones need some MiB. */
    private static final long LARGEST = 64L << 20;

    /** About what an empty message takes, so that many of them count as well. */
    private static final int MESSAGE_COST = 32;

    /** Smaller data stays where it is. */
    static final int SMALLEST_SPAN = 256;

    private static final int SPAN = 536870911;
    private static final int FLOATS = 4;
    private static final int RAW = 9;
    private static final int DOUBLES = 10;
    private static final int TRAINING = 20;

    /** The messages on the way to weights. */
    private enum Part {
        MODEL,
        GRAPH,
        NODE,
        ATTRIBUTE,
        SPARSE_TENSOR,
        TENSOR;

        /** {@return the message in this field; null for one that is copied as it is} */
        @Nullable
        Part in(int field) {
            return switch (this) {
                case MODEL -> field == 7 ? GRAPH : null;
                case GRAPH -> field == 1 ? NODE : field == 5 ? TENSOR : field == 15 ? SPARSE_TENSOR : null;
                case NODE -> field == 5 ? ATTRIBUTE : null;
                case ATTRIBUTE -> field == 5 || field == 10 ? TENSOR : field == 6 || field == 11 ? GRAPH : null;
                case SPARSE_TENSOR -> field == 1 || field == 2 ? TENSOR : null;
                case TENSOR -> null;
            };
        }
    }

    /** Handles one field of a tensor; true if it did. */
    private interface TensorField {

        boolean handle(int field, Pieces out) throws IOException;
    }

    private final ProtoReader in;
    private final TensorField tensorField;
    private long kept;

    private Skeleton(ProtoReader.Source source, boolean remove, List<Bytes> weights) throws IOException {
        this.in = new ProtoReader(source);
        this.tensorField = remove ? this::remove : (field, out) -> putBack(field, out, weights);
    }

    /** {@return a model whose larger weights are replaced by spans} */
    static byte[] of(ProtoReader.Source model) throws IOException {
        return new Skeleton(model, true, List.of()).message(Part.MODEL).toBytes();
    }

    /**
     * {@return a model with its weights}
     *
     * @param skeleton has spans whose source is an index
     * @param weights what they stand for
     */
    static Pieces fill(byte[] skeleton, List<Bytes> weights) throws IOException {
        return new Skeleton(ProtoReader.Source.of(skeleton), false, weights).message(Part.MODEL);
    }

    private Pieces message(Part part) throws IOException {
        var out = new Pieces();
        for (int field = in.next(); field != 0; field = in.next()) {
            Part inner = part.in(field);
            if (inner != null) {
                out.message(field, inner(inner));
            } else if (part == Part.MODEL && field == TRAINING) {
                in.skip();
            } else if (part != Part.TENSOR || !tensorField.handle(field, out)) {
                byte[] bytes = in.field(part + " field", LARGEST - kept);
                kept += bytes.length;
                out.add(bytes);
            }
        }
        return out;
    }

    private Pieces inner(Part part) throws IOException {
        kept += MESSAGE_COST;
        if (kept > LARGEST) {
            throw new MalformedModelException("without its weights it takes more than %d MiB".formatted(LARGEST >> 20));
        }
        Pieces[] content = new Pieces[1];
        in.message(part.name(), () -> content[0] = message(part));
        return content[0];
    }

    /** Packed floats and doubles lie there as in raw_data. */
    private boolean remove(int field, Pieces out) throws IOException {
        if (field == SPAN) {
            in.skip(); // nobody else may say where data lies
            return true;
        }
        if (field != RAW && !((field == FLOATS || field == DOUBLES) && in.hasLength())) {
            return false;
        }
        ProtoReader.Region region = in.peekRegion("TensorProto data");
        if (region.length() < SMALLEST_SPAN) {
            return false;
        }
        in.skip();
        var span = new Pieces();
        span.number(Span.OFFSET_FIELD_NUMBER, region.offset());
        span.number(Span.LENGTH_FIELD_NUMBER, region.length());
        span.number(Span.SOURCE_FIELD_NUMBER, field);
        kept += MESSAGE_COST;
        out.message(SPAN, span);
        return true;
    }

    private boolean putBack(int field, Pieces out, List<Bytes> weights) throws IOException {
        if (field == SPAN) {
            Span span = Span.parseFrom(in.bytes("span", 64));
            out.bytes(RAW, weights.get(span.getSource()));
        }
        return field == SPAN;
    }
}
