// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.gateway;

import java.util.List;
import java.util.concurrent.Flow;

/** Collects the names of server-sent events. */
final class Topics implements Flow.Subscriber<String> {

    private static final String EVENT = "event: ";

    private final List<String> topics;

    Topics(List<String> topics) {
        this.topics = topics;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(String line) {
        if (line.startsWith(EVENT)) {
            topics.add(line.substring(EVENT.length()));
        }
    }

    @Override
    public void onError(Throwable problem) {
        // the gateway was killed, as intended
    }

    @Override
    public void onComplete() {
        // the gateway has ended
    }
}
