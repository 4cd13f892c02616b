// SPDX-License-Identifier: Apache-2.0
package io.edgewright.update;

import io.edgewright.api.update.Update;
import io.edgewright.api.update.UpdateProgress;
import io.edgewright.api.update.UpdateProgress.State;

/** One update that the agent has taken on, and where it stands. Thread-safe. */
final class Job {

    /** Hears of every step. */
    @FunctionalInterface
    interface Listener {
        void changed(String id, UpdateProgress progress, long sizeBytes);
    }

    private static final int STEP_PERCENT = 10;

    private final Update update;
    private final Download download;
    private final Listener listener;
    private UpdateProgress progress = new UpdateProgress(State.OFFERED, 0, "waits for its turn");
    private long sizeBytes;

    Job(Update update, Download download, Listener listener) {
        this.update = update;
        this.download = download;
        this.listener = listener;
        this.sizeBytes = Math.max(0, update.sizeBytes());
    }

    Update update() {
        return update;
    }

    Download download() {
        return download;
    }

    synchronized UpdateProgress progress() {
        return progress;
    }

    /** {@return false if it has ended already, so that nothing changed} */
    synchronized boolean enter(State state, int percent, String message) {
        if (progress.ended()) {
            return false;
        }
        progress = new UpdateProgress(state, percent, message);
        listener.changed(update.id(), progress, sizeBytes);
        return true;
    }

    /** Notes how much has arrived; tells it every {@value #STEP_PERCENT} percent. */
    synchronized void arrived(long bytes, long ofBytes) {
        sizeBytes = Math.max(bytes, ofBytes);
        int percent = ofBytes <= 0 ? 0 : (int) (bytes * 100 / ofBytes);
        if (percent / STEP_PERCENT != progress.percent() / STEP_PERCENT) {
            enter(State.DOWNLOADING, percent, progress.message());
        }
    }

    /** {@return true if it was ended before anything was stored} */
    boolean cancel() {
        synchronized (this) {
            State now = progress.state();
            if ((now != State.OFFERED && now != State.DOWNLOADING)
                    || !enter(State.CANCELLED, progress.percent(), "ended on request; nothing was stored")) {
                return false;
            }
        }
        download.cancel(true);
        return true;
    }

    /** Ends the download; what has arrived stays. */
    void interrupt() {
        download.cancel(false);
    }
}
