// SPDX-License-Identifier: Apache-2.0
package io.edgewright.update;

import io.edgewright.api.update.Update;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches one file over HTTP and goes on after a break where it was (RFC 9110, section 14: {@code Range} and
 * {@code If-Range}). One thread runs it; {@link #cancel} is for any.
 */
final class Download {

    private static final Logger LOG = LoggerFactory.getLogger(Download.class);

    private static final long LONGEST_PAUSE_MILLIS = 60_000;
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-\\d{1,18}/(\\d{1,18}|\\*)");

    /**
     * When to give up.
     *
     * @param bytes the largest file
     * @param stall without a byte, after which a connection is broken
     * @param attempts in a row that bring nothing
     * @param pause before the second attempt; doubled from attempt to attempt
     */
    record Limits(long bytes, Duration stall, int attempts, Duration pause) {}

    /** Hears how much has arrived. */
    @FunctionalInterface
    interface Progress {
        void arrived(long bytes, long ofBytes);
    }

    /** Trying again would not help. */
    private static final class Final extends IOException {

        private static final long serialVersionUID = 1L;

        Final(String message) {
            super(message);
        }
    }

    private final HttpClient http;
    private final Update update;
    private final Path part;
    private final Limits limits;
    private volatile boolean cancelled;
    private volatile boolean forget;
    private @Nullable Thread runner;
    private String tag = "";
    private long total = -1;

    Download(HttpClient http, Update update, Path part, Limits limits) {
        this.http = http;
        this.update = update;
        this.part = part;
        this.limits = limits;
    }

    /** {@return the file that it arrives in} */
    Path part() {
        return part;
    }

    /**
     * Fetches what is missing.
     *
     * @return true if a part was there from an earlier time
     * @throws IOException if it cannot be had; the message says what was expected and found
     * @throws InterruptedException if it was cancelled
     */
    boolean run(Progress progress) throws IOException, InterruptedException {
        boolean resumed = size() > 0;
        setRunner(Thread.currentThread());
        try {
            fetch(progress);
        } finally {
            setRunner(null);
            Thread.interrupted(); // it was meant for this download, not for the next one
        }
        return resumed;
    }

    /**
     * Ends it, from any thread.
     *
     * @param andForget true to delete what has arrived
     */
    void cancel(boolean andForget) {
        forget |= andForget;
        synchronized (this) {
            cancelled = true;
            if (runner != null) {
                runner.interrupt();
            }
        }
    }

    /** Deletes what has arrived if it was cancelled for good; called when the thread has left {@link #run}. */
    void clean() {
        try {
            if (forget) {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            LOG.warn("{} could not be deleted", part, e);
        }
    }

    private synchronized void setRunner(@Nullable Thread thread) throws InterruptedException {
        runner = thread;
        if (thread != null && cancelled) {
            throw new InterruptedException("cancelled");
        }
    }

    private void fetch(Progress progress) throws IOException, InterruptedException {
        int failures = 0;
        int restarts = 0;
        while (restarts <= limits.attempts()) {
            long before = size();
            try {
                if (attempt(progress)) {
                    return;
                }
                restarts++;
            } catch (Final e) {
                Files.deleteIfExists(part);
                throw e;
            } catch (IOException e) {
                failures = size() > before ? 1 : failures + 1;
                if (failures >= limits.attempts()) {
                    throw new IOException(
                            "%s failed %d times in a row: %s".formatted(update.location(), failures, e.getMessage()),
                            e);
                }
                LOG.debug("{} broke off at {} of {} bytes", update.location(), size(), total, e);
                long pause = limits.pause().toMillis() << Math.min(failures - 1, 10);
                Thread.sleep(Math.min(pause, LONGEST_PAUSE_MILLIS));
            }
        }
        throw new IOException(update.location() + " changes, or ignores where it should go on, again and again");
    }

    /** {@return true if the file is whole; false if it must begin anew} */
    private boolean attempt(Progress progress) throws IOException, InterruptedException {
        long have = size();
        try (var body = new Body(limits.stall())) {
            HttpResponse<Flow.Publisher<List<ByteBuffer>>> answer =
                    http.send(request(have), HttpResponse.BodyHandlers.ofPublisher());
            answer.body().subscribe(body);
            HttpHeaders headers = answer.headers();
            switch (answer.statusCode()) {
                case 200 -> {
                    return receive(
                            body,
                            headers,
                            0,
                            headers.firstValueAsLong("Content-Length").orElse(-1),
                            progress);
                }
                case 206 -> {
                    Matcher range = CONTENT_RANGE.matcher(header(headers, "Content-Range"));
                    if (range.matches() && Long.parseLong(range.group(1)) == have) {
                        String whole = range.group(2);
                        return receive(body, headers, have, whole.equals("*") ? -1 : Long.parseLong(whole), progress);
                    }
                }
                case 416 -> {
                    if (header(headers, "Content-Range").equals("bytes */" + have)) {
                        return true;
                    }
                }
                default -> throw refused(answer.statusCode());
            }
        }
        Files.deleteIfExists(part);
        tag = "";
        return false;
    }

    private HttpRequest request(long have) {
        HttpRequest.Builder request = HttpRequest.newBuilder(update.location()).timeout(limits.stall());
        if (have > 0) {
            request.header("Range", "bytes=" + have + "-");
            if (!tag.isEmpty()) {
                request.header("If-Range", tag);
            }
        }
        return request.build();
    }

    private IOException refused(int status) {
        String problem = "%s answers %d, expected the model".formatted(update.location(), status);
        boolean later = status >= 500 || status == 408 || status == 429;
        return later ? new IOException(problem) : new Final(problem);
    }

    private boolean receive(Body body, HttpHeaders headers, long from, long whole, Progress progress)
            throws IOException, InterruptedException {
        total = whole >= 0 ? whole : update.sizeBytes();
        checkSize(total);
        checkDisk(total - from);
        String found = header(headers, "ETag");
        tag = found.startsWith("W/") ? "" : found;
        long have = from;
        var mode = from == 0 ? StandardOpenOption.TRUNCATE_EXISTING : StandardOpenOption.APPEND;
        try (FileChannel out = FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, mode)) {
            for (List<ByteBuffer> next = body.next(); !next.isEmpty(); next = body.next()) {
                for (ByteBuffer data : next) {
                    have += data.remaining();
                    checkLimit(have);
                    while (data.hasRemaining()) {
                        out.write(data);
                    }
                }
                progress.arrived(have, total);
            }
        }
        if (total >= 0 && have != total) {
            throw new IOException("it ended after " + have + " of " + total + " bytes");
        }
        return true;
    }

    private void checkSize(long whole) throws Final {
        checkLimit(whole);
        if (whole >= 0 && update.sizeBytes() != Update.UNKNOWN_SIZE && whole != update.sizeBytes()) {
            throw new Final("%s has %d bytes, expected %d".formatted(update.location(), whole, update.sizeBytes()));
        }
    }

    private void checkLimit(long bytes) throws Final {
        if (bytes > limits.bytes()) {
            throw new Final("%s has more than %d bytes (max.mib)".formatted(update.location(), limits.bytes()));
        }
    }

    /** The content is on disk twice for a while: as a part, and in the store. */
    private void checkDisk(long missing) throws IOException {
        long needed = missing + Math.max(0, total);
        long usable = part.toFile().getAbsoluteFile().getParentFile().getUsableSpace();
        if (needed > usable) {
            throw new Final("the disk has %d bytes left, %d are needed".formatted(usable, needed));
        }
    }

    private static String header(HttpHeaders headers, String name) {
        return headers.firstValue(name).orElse("");
    }

    private long size() throws IOException {
        return Files.exists(part) ? Files.size(part) : 0;
    }
}
