// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.ZoneId;
import java.util.GregorianCalendar;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.parsers.SAXParserFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xml.sax.SAXException;
import org.xml.sax.helpers.DefaultHandler;

/**
 * Does once, on a thread beside the start, what the Java machine does at the first use of something: reading the time zone and the
 * locales, loading the XML parser, linking a record's methods. The start comes to it some 100 ms later and finds it done. Whatever
 * fails here fails again where it is needed, and is reported there.
 */
final class WarmUp implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

    private static final String DESCRIPTOR = "<?xml version='1.0' encoding='UTF-8'?>"
            + "<c:component xmlns:c='urn:c' name='n'><property name='p' type='Integer' value='1'>a</property></c:component>";

    private record Pair(String name, long number, Object value) {}

    private WarmUp() {}

    static void begin() {
        var thread = new Thread(new WarmUp(), "edgewright-warm-up");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void run() {
        try {
            LOG.trace("The time zone is {}", ZoneId.systemDefault()); // wanted first, by the log
            var factory = SAXParserFactory.newDefaultInstance();
            factory.setNamespaceAware(true);
            factory.newSAXParser()
                    .parse(new ByteArrayInputStream(DESCRIPTOR.getBytes(StandardCharsets.UTF_8)), new DefaultHandler());
            LOG.trace("{}", linked(new Pair("a", 1, List.of("b"))));
            LOG.trace("It is {}", new GregorianCalendar().getTime()); // all locales are read for it
            MessageDigest.getInstance("SHA-256").digest(new byte[1]);
        } catch (IOException
                | ParserConfigurationException
                | SAXException
                | NoSuchAlgorithmException
                | LinkageError e) {
            LOG.debug("Not everything was prepared beside the start", e);
        }
    }

    private static String linked(Pair pair) {
        Function<Pair, String> name = Pair::name;
        String text = String.format(Locale.ROOT, "%s %d %.1f", name.apply(pair), pair.hashCode(), 0.5);
        return pair.equals(new Pair(text, 1, text)) ? "" : pair.toString();
    }
}
