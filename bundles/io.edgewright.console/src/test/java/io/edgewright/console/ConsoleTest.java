// SPDX-License-Identifier: Apache-2.0
package io.edgewright.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.testkit.RecordedExchange;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ConsoleTest {

    private static final List<String> FILES = List.of(
            "index.html",
            "console.css",
            "console.js",
            "api.js",
            "cards.js",
            "drift.js",
            "optimizations.js",
            "dom.js",
            "icon.svg");

    @Test
    void sendsThePageAndLeadsToIt() throws Exception {
        var page = get("/console/");
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.contentType()).isEqualTo("text/html; charset=utf-8");
        assertThat(page.text()).startsWith("<!doctype html>");
        assertThat(page.length()).isEqualTo(page.bytes().length);

        var folder = get("/console");
        assertThat(folder.status()).isEqualTo(302);
        assertThat(folder.headers()).containsEntry("Location", "console/");
    }

    @Test
    void sendsEveryFileThatThePageNames() throws Exception {
        for (String file : FILES) {
            var answer = get("/console/" + file);
            assertThat(answer.status()).as(file).isEqualTo(200);
            var named =
                    Pattern.compile("(?:from '\\./|href=\"|src=\")([^#'\"]+)").matcher(answer.text());
            while (named.find()) {
                assertThat(get("/console/" + named.group(1)).status())
                        .as(named.group())
                        .isEqualTo(200);
            }
        }
        assertThat(get("/console/console.js").contentType()).isEqualTo("text/javascript; charset=utf-8");
        assertThat(get("/console/console.css").contentType()).isEqualTo("text/css; charset=utf-8");
        assertThat(get("/console/icon.svg").contentType()).isEqualTo("image/svg+xml");
    }

    @Test
    void sendsNothingTwiceToABrowserThatHasIt() throws Exception {
        String etag = get("/console/").headers().getOrDefault("ETag", "");
        assertThat(etag).isNotBlank();
        var again = new RecordedExchange("GET", "/console/");
        again.with("If-None-Match", etag);
        new Console().handle(again);
        assertThat(again.status()).isEqualTo(304);
        assertThat(again.bytes()).isEmpty();
    }

    @Test
    void packsForABrowserThatUnpacks() throws Exception {
        var packed = new RecordedExchange("GET", "/console/console.js");
        packed.with("Accept-Encoding", "gzip, br");
        new Console().handle(packed);
        assertThat(packed.headers()).containsEntry("Content-Encoding", "gzip").containsEntry("Vary", "Accept-Encoding");
        try (var in = new GZIPInputStream(new ByteArrayInputStream(packed.bytes()))) {
            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo(get("/console/console.js").text());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/console/missing",
                "/console/../console/index.html",
                "/console//index.html",
                "/console/Console.class",
                "/console/page/index.html",
                "/console/index.html/",
                "/console/\u0000",
                "/consoles"
            })
    void sendsNothingElse(String path) throws Exception {
        assertThat(get(path).status()).isEqualTo(404);
    }

    @Test
    void canOnlyBeRead() throws Exception {
        var post = new RecordedExchange("POST", "/console/");
        new Console().handle(post);
        assertThat(post.status()).isEqualTo(405);
        assertThat(post.headers()).containsEntry("Allow", "GET, HEAD");

        var head = new RecordedExchange("HEAD", "/console/");
        new Console().handle(head);
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.length()).isPositive();
        assertThat(head.bytes()).isEmpty();
    }

    @Test
    void worksUnderAContentSecurityPolicyWithoutInlineCodeAndWithoutOtherHosts() throws Exception {
        String page = get("/console/").text();
        assertThat(page)
                .doesNotContain("style=", "<style", "onclick", "javascript:")
                .doesNotContainPattern("<script>");
        for (String file : FILES) {
            assertThat(get("/console/" + file).text().replace("http://www.w3.org/2000/svg", ""))
                    .as(file)
                    .doesNotContain("http://", "https://", "innerHTML", "insertAdjacentHTML", "eval(", "new Function");
        }
    }

    @Test
    void staysSmallEnoughForASlowLink() throws Exception {
        int sum = 0;
        for (String file : FILES) {
            sum += get("/console/" + file).bytes().length;
        }
        assertThat(sum).isLessThan(50_000);
    }

    private static RecordedExchange get(String path) throws IOException {
        var exchange = new RecordedExchange("GET", path);
        new Console().handle(exchange);
        return exchange;
    }
}
