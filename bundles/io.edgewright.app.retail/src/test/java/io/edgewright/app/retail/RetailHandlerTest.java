// SPDX-License-Identifier: Apache-2.0
package io.edgewright.app.retail;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.edgewright.testkit.Configs;
import io.edgewright.testkit.RecordedExchange;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RetailHandlerTest {

    private final RetailApp app = new RetailApp(Configs.of(
            RetailApp.Config.class,
            Map.of(
                    "name", "entrance",
                    "source", "camera",
                    "deployment", "people",
                    "zones", new String[] {"shelf: 0,0 1,0 1,1"},
                    "lines", new String[] {"door: 0.1,0.5 0.9,0.5"})));
    private final RetailHandler handler = new RetailHandler(List.of(app));

    @Test
    void listsEveryApplicationWithItsCounts() throws Exception {
        app.totals().cross("door", true);
        app.totals().countVisit("shelf");
        app.totals().setOccupancy("shelf", 2);

        RecordedExchange exchange = get("/api/v1/apps/retail");

        assertThat(exchange.status()).isEqualTo(200);
        JsonObject one = json(exchange).getAsJsonArray("apps").get(0).getAsJsonObject();
        assertThat(one.get("name").getAsString()).isEqualTo("entrance");
        assertThat(one.get("visits").getAsLong()).isEqualTo(1);
        assertThat(one.toString())
                .contains("\"lines\":{\"door\":{\"in\":1,\"out\":0}}")
                .contains("\"zones\":{\"shelf\":{\"visits\":1,\"occupancy\":2}}")
                .contains("\"failedFrames\":0", "\"framesPerSecond\":0.0", "\"status\":\"starts\"");
    }

    @Test
    void listsTheLastVisits() throws Exception {
        Visit visit = new Visit(1, "shelf", "person", 7, Duration.ofSeconds(1), Duration.ofSeconds(5));
        app.totals().keep(new Totals.TimedVisit(visit, "1970-01-01T00:00:01Z", "1970-01-01T00:00:05Z"));

        RecordedExchange exchange = get("/api/v1/apps/retail/entrance/visits");

        assertThat(json(exchange).getAsJsonArray("visits")).hasSize(1);
        assertThat(json(exchange).toString()).contains("\"dwellSeconds\":4.0", "\"zone\":\"shelf\"");
    }

    @Test
    void saysWhatIsThereInsteadOfWhatIsNot() throws Exception {
        assertThat(get("/api/v1/apps/retail/exit/visits").status()).isEqualTo(404);
        assertThat(json(get("/api/v1/apps/retail/exit/visits")).get("error").getAsString())
                .contains("'exit'", "[entrance]");
        assertThat(json(get("/api/v1/apps/retail/entrance/frame.jpg"))
                        .get("error")
                        .getAsString())
                .contains("no picture yet");
        assertThat(get("/api/v1/apps/retail/entrance/passwords").status()).isEqualTo(404);
        RecordedExchange post = new RecordedExchange("POST", "/api/v1/apps/retail");
        handler.handle(post);
        assertThat(post.status()).isEqualTo(405);
    }

    @Test
    void healthWaitsAWhileBeforeItCallsSomeone() {
        assertThat(RetailHealth.isFinding(snapshot(Progress.State.NO_SOURCE, 11)))
                .isTrue();
        assertThat(RetailHealth.isFinding(snapshot(Progress.State.NO_SOURCE, 2)))
                .isFalse();
        assertThat(RetailHealth.isFinding(snapshot(Progress.State.ENDED, 100))).isFalse();
    }

    private static Progress.Snapshot snapshot(Progress.State state, int seconds) {
        return new Progress.Snapshot(state, "", Duration.ofSeconds(seconds), 0, 0, 0, 0);
    }

    private RecordedExchange get(String path) throws IOException {
        RecordedExchange exchange = new RecordedExchange("GET", path);
        handler.handle(exchange);
        return exchange;
    }

    private static JsonObject json(RecordedExchange exchange) {
        return JsonParser.parseString(exchange.text()).getAsJsonObject();
    }
}
