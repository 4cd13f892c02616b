// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import java.net.http.HttpHeaders;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import org.jspecify.annotations.Nullable;

/** Collects a body that the JDK's client receives, up to the limit of the answer. */
final class Collector implements BodySubscriber<Answer> {

    private final Answer answer;
    private final CompletableFuture<Answer> whole = new CompletableFuture<>();
    private @Nullable Subscription subscription;

    Collector(ResponseInfo info, Answer answer) {
        this.answer = answer;
        HttpHeaders headers = info.headers();
        answer.begin(info.statusCode());
        answer.encoding(headers.firstValue("content-encoding").orElse(""));
        answer.location(headers.firstValue("location").orElse(""));
        String length = headers.firstValue("inference-header-content-length").orElse("");
        if (length.matches("[0-9]{1,9}")) {
            answer.jsonLength(Integer.parseInt(length));
        } else if (!length.isEmpty()) {
            whole.completeExceptionally(new Trouble(
                    Trouble.Kind.PROTOCOL,
                    "Inference-Header-Content-Length is '" + length + "', expected a number of at most 9 digits"));
        }
    }

    @Override
    public CompletionStage<Answer> getBody() {
        return whole;
    }

    @Override
    public void onSubscribe(Subscription given) {
        subscription = given;
        given.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        try {
            for (ByteBuffer buffer : buffers) {
                byte[] bytes = new byte[buffer.remaining()];
                buffer.get(bytes);
                answer.add(bytes, 0, bytes.length);
            }
        } catch (Trouble e) {
            whole.completeExceptionally(e);
            if (subscription != null) {
                subscription.cancel();
            }
        }
    }

    @Override
    public void onError(Throwable e) {
        whole.completeExceptionally(e);
    }

    @Override
    public void onComplete() {
        whole.complete(answer);
    }
}
