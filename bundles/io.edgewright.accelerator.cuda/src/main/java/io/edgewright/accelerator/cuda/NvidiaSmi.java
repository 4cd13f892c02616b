// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cuda;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the driver's own tool for what no file tells: memory and compute capability. Where it is missing, they stay unknown. */
final class NvidiaSmi {

    private static final Logger LOG = LoggerFactory.getLogger(NvidiaSmi.class);

    private static final List<String> COMMAND =
            List.of("nvidia-smi", "--query-gpu=pci.bus_id,memory.total,compute_cap", "--format=csv,noheader,nounits");

    private static final int LIMIT_SECONDS = 20;

    /** Such as {@code 00000000:65:00.0, 6138, 8.6}; memory is in MiB. */
    private static final Pattern LINE = Pattern.compile(
            "(?:0000)?([0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-9a-f]), *(\\d+|\\[.*]), *([0-9.]+|\\[.*])");

    private NvidiaSmi() {}

    /**
     * What it says of one device.
     *
     * @param memoryBytes 0 if it does not tell
     * @param compute such as {@code 8.6}; empty if it does not tell
     */
    record Facts(long memoryBytes, String compute) {

        static final Facts NONE = new Facts(0, "");
    }

    /** {@return what it says, by bus; empty if it is not installed or does not answer} */
    static Map<String, Facts> ask() throws InterruptedException {
        try {
            Process process = new ProcessBuilder(COMMAND)
                    .redirectErrorStream(true)
                    .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                    .start();
            try {
                if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                    LOG.warn("nvidia-smi did not answer within {} s; the driver may be stuck", LIMIT_SECONDS);
                    return Map.of();
                }
                return parse(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            } finally {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            LOG.debug("No nvidia-smi, so memory and compute capability are not known: {}", e.toString());
            return Map.of();
        }
    }

    static Map<String, Facts> parse(String output) {
        Map<String, Facts> facts = new HashMap<>();
        output.lines().forEach(line -> {
            Matcher fields = LINE.matcher(line.strip().toLowerCase(Locale.ROOT));
            if (fields.matches()) {
                String memory = fields.group(2);
                String compute = fields.group(3);
                facts.put(
                        fields.group(1),
                        new Facts(
                                memory.startsWith("[") || memory.length() > 9 ? 0 : Long.parseLong(memory) << 20,
                                compute.startsWith("[") ? "" : compute));
            }
        });
        return facts;
    }
}
