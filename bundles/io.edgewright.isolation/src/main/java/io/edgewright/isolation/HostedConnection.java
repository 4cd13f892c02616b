// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelManifest;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One conversation with the parent, in the child process: reads a request, does it, answers. */
final class HostedConnection implements Runnable {

    private final EngineMain main;
    private final SocketChannel channel;
    private final WireWriter writer = new WireWriter();
    private @Nullable Runnable whenClosed;
    private @Nullable HostedSlot slot;

    HostedConnection(EngineMain main, SocketChannel channel) {
        this.main = main;
        this.channel = channel;
    }

    /**
     * A model of the parent's, by its path.
     *
     * @param manifest as the parent knows it
     * @param path the file
     */
    private record RemoteModel(ModelManifest manifest, Path path) implements ModelFile {

        @Override
        public void close() {
            // the parent holds it open
        }
    }

    @Override
    public void run() {
        var frames = new FrameReader();
        try (channel) {
            while (true) {
                WireReader request = frames.read(channel);
                if (request == null) {
                    throw new IllegalStateException("a blocking channel gave nothing");
                }
                int code = request.number8();
                if (code == Wire.CANCEL) {
                    cancel(request);
                    continue;
                }
                answer(code, request);
                ByteBuffer reply = writer.end();
                while (reply.hasRemaining()) {
                    channel.write(reply);
                }
            }
        } catch (EOFException e) {
            close();
        } catch (IOException e) {
            Runtime.getRuntime().halt(3); // parent and child do not understand each other
        }
    }

    /** An engine is foreign code: whatever it throws is told to the parent, and this process goes on. */
    private void answer(int code, WireReader request) throws IOException {
        try {
            dispatch(code, request);
        } catch (InferenceException e) {
            Wire.failure(writer, e);
        } catch (IllegalArgumentException e) {
            writer.begin(Wire.ARGUMENT).text(String.valueOf(e.getMessage()));
        } catch (IllegalStateException e) {
            writer.begin(Wire.STATE).text(String.valueOf(e.getMessage()));
        } catch (RuntimeException | Error e) {
            writer.begin(Wire.BROKEN).text(e.toString());
        }
    }

    private void dispatch(int code, WireReader request) throws IOException, InferenceException {
        switch (code) {
            case Wire.START -> {
                Map<String, String> found = main.start(request.texts());
                whenClosed = main::end;
                writer.begin(Wire.DONE).texts(found);
            }
            case Wire.LOAD -> load(request);
            case Wire.TRY -> {
                ModelFile model = model(request);
                String device = request.text();
                tryOut(model, device, Duration.ofMillis(request.number64()));
                writer.begin(Wire.DONE);
            }
            case Wire.OPEN -> open(request);
            case Wire.RUN -> run(request);
            case Wire.CLOSE -> {
                close();
                writer.begin(Wire.DONE);
            }
            default -> throw new ProtocolException("request " + code + " is unknown here");
        }
    }

    private void load(WireReader request) throws ProtocolException, InferenceException {
        ModelFile model = model(request);
        String device = request.text();
        LoadOptions options = Wire.options(request);
        ModelSession session = main.engine().load(model, device, options);
        int number = main.number();
        whenClosed = () -> {
            main.sessions().remove(number);
            session.close();
        };
        main.sessions().put(number, session);
        writer.begin(Wire.DONE).number32(number);
        Wire.specs(writer, session.inputs());
        Wire.specs(writer, session.outputs());
        writer.number32(session.parallelism()).number64(session.memoryBytes()).texts(session.facts());
    }

    private void open(WireReader request) throws IOException, InferenceException {
        ModelSession session = main.sessions().get(request.number32());
        Map<String, List<Long>> shapes = Wire.shapes(request);
        String name = request.text();
        List<Long> lengths = Wire.lengths(request);
        if (session == null) {
            throw new ProtocolException("a slot is asked for of a session that is not there");
        }
        Region memory = Region.map(main.folders(), name, lengths);
        int number = main.number();
        var opened = new HostedSlot(session, shapes, memory, main.folders());
        slot = opened;
        whenClosed = () -> {
            main.slots().remove(number);
            opened.close();
        };
        main.slots().put(number, opened);
        writer.begin(Wire.DONE).number32(number);
    }

    private void run(WireReader request) throws IOException, InferenceException {
        HostedSlot opened = slot;
        if (opened == null) {
            throw new ProtocolException("a run is asked for without a slot");
        }
        opened.run(request, writer);
    }

    private void cancel(WireReader request) throws ProtocolException {
        HostedSlot slot = main.slots().get(request.number32());
        long run = request.number64();
        if (slot != null) {
            slot.cancel(run);
        }
    }

    /** Does no harm unless this process dies of it: the driver gets the same errors. */
    private void tryOut(ModelFile model, String device, Duration limit) throws InferenceException {
        try (ModelSession session = main.engine().load(model, device, LoadOptions.DEFAULT)) {
            TrialRun.run(session, limit);
        } catch (InferenceException e) {
            if (e.reason() == InferenceException.Reason.DEVICE_UNAVAILABLE) {
                throw e; // says nothing about the model
            }
        } catch (RuntimeException e) {
            // an engine is foreign code; a bug of it says nothing either
        }
    }

    private static ModelFile model(WireReader request) throws ProtocolException {
        return new RemoteModel(Wire.manifest(request), Path.of(request.text()));
    }

    private void close() {
        Runnable closing = whenClosed;
        whenClosed = null;
        if (closing != null) {
            closing.run();
        }
    }
}
