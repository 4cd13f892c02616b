// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.camera;

import io.edgewright.api.source.FrameSource;
import io.edgewright.api.source.FrameStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A camera or file. A camera is connected once, while anyone reads it; a file is opened for each reader, who sees it
 * from its beginning.
 */
final class CameraSource implements FrameSource, AutoCloseable {

    private final CameraSettings settings;
    private final CameraStatus status;
    private final List<FrameStream> streams = new ArrayList<>();
    private @Nullable Player shared;
    private boolean closed;

    CameraSource(CameraSettings settings) {
        this.settings = settings;
        this.status = new CameraStatus(settings);
    }

    @Override
    public String name() {
        return settings.name();
    }

    @Override
    public String status() {
        return status.text();
    }

    /** {@return what is wrong, while someone wants to read} */
    Optional<String> trouble() {
        return status.problem();
    }

    @Override
    public synchronized FrameStream open() {
        if (closed) {
            throw new IllegalStateException("the source '" + settings.name() + "' is closed, expected it to be open");
        }
        FrameStream stream = settings.kind().live() ? live() : settings.realtime() ? played() : file();
        status.readers(1);
        streams.add(stream);
        return stream;
    }

    private FrameStream live() {
        Player player = shared;
        if (player == null) {
            player = new Player(settings, status);
            player.start();
            shared = player;
        }
        SlotStream[] self = new SlotStream[1];
        self[0] = new SlotStream(player.slot(), () -> closeUnused(left(self[0])));
        return self[0];
    }

    private FrameStream played() {
        Player player = new Player(settings, status);
        player.start();
        SlotStream[] self = new SlotStream[1];
        self[0] = new SlotStream(player.slot(), () -> {
            left(self[0]);
            player.close();
        });
        return self[0];
    }

    private FrameStream file() {
        FileStream[] self = new FileStream[1];
        self[0] = new FileStream(settings, status, () -> left(self[0]));
        return self[0];
    }

    /** {@return the player that nobody reads any more, if that was its last reader} */
    private synchronized Optional<Player> left(FrameStream stream) {
        streams.remove(stream);
        status.readers(-1);
        Optional<Player> unused = Optional.ofNullable(streams.isEmpty() ? shared : null);
        shared = streams.isEmpty() ? null : shared;
        return unused;
    }

    private static void closeUnused(Optional<Player> player) {
        player.ifPresent(Player::close); // not under the lock: it waits for the camera's answer
    }

    /** Ends all streams and releases the camera. */
    @Override
    public void close() {
        List<FrameStream> open;
        synchronized (this) {
            closed = true;
            open = List.copyOf(streams);
        }
        open.forEach(FrameStream::close);
    }
}
