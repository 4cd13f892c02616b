// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import java.util.ArrayList;
import java.util.List;

/** Every command and its options: what is parsed, and what the help says. */
final class Commands {

    private static final int MANY = Integer.MAX_VALUE;

    private static final Option JSON = new Option("json", "", "print JSON");
    private static final Option HOME = new Option(
            "home", "DIR", "the gateway's folder (default: $EDGEWRIGHT_HOME, /var/lib/edgewright, ~/.edgewright)");
    private static final Option DRIVERS = new Option(
            "features", "LIST", "the drivers to start (default: all that are installed; 'none': the processor only)");
    private static final Option DEVICE = new Option(
            "device",
            "'PID[~NAME] KEY=VALUE...'",
            "set a device up that must be configured, such as a server; several by semicolons");
    private static final Option VERBOSE = new Option("verbose", "", "log to standard error what happens");

    private static final List<Option> CLIENT = List.of(
            HOME,
            new Option("url", "URL", "a gateway elsewhere (default: the one that runs on this home)"),
            new Option("token", "TOKEN", "an API token for it (default: $EDGEWRIGHT_TOKEN, or the local token)"),
            JSON);

    private static final Option NAMES = new Option(
            "labels", "FILE", "class names, one a line; one too many is left out if it is the first, 'background'");

    private static final List<Option> PICTURE = List.of(
            new Option(
                    "scale",
                    "S",
                    "pre-processing: (pixel * S - mean) / std, pixel 0..255 (default 1/255, or 1 if a mean is beyond 1)"),
            new Option("mean", "A[,B,C]", "per channel, in the order that the model takes"),
            new Option("std", "A[,B,C]", "per channel, in the order that the model takes"),
            new Option("bgr", "", "the model takes blue first"),
            new Option("layout", "NCHW|NHWC", "order of the input's dimensions"),
            new Option("resize", "HOW", "stretch, letterbox or crop"),
            new Option("decoder", "NAME", "how to read boxes: fastestdet, yolox, nanodet, ssd, ultraface, yunet"));

    private static final List<Command> ALL = List.of(
            new Command(
                    "start",
                    "",
                    "Runs a gateway until it is stopped",
                    0,
                    0,
                    List.of(
                            HOME,
                            new Option("host", "ADDRESS", "where to listen (default 127.0.0.1)"),
                            new Option("port", "N", "port for HTTP or HTTPS (default 8080; 0: any free one)"),
                            new Option("keystore", "FILE", "PKCS12 or JKS key store: serve HTTPS only"),
                            new Option(
                                    "keystore-password-file",
                                    "FILE",
                                    "its password (or $EDGEWRIGHT_KEYSTORE_PASSWORD)"),
                            new Option("features", "LIST", "what to start (default core,http,retail)"),
                            VERBOSE)),
            new Command("status", "", "Shows a gateway's state and health", 0, 0, CLIENT),
            new Command(
                    "accelerators",
                    "",
                    "Shows devices and drivers: of the gateway that runs, else of this machine",
                    0,
                    0,
                    join(CLIENT, List.of(DRIVERS, DEVICE, VERBOSE))),
            new Command(
                    "models",
                    "[list | add FILE [PROPERTY=VALUE...] | remove NAME VERSION]",
                    "Shows, adds or removes models of a gateway; FILE is a model file, a zip or a folder",
                    0,
                    MANY,
                    join(
                            CLIENT,
                            List.of(
                                    new Option("name", "NAME", "add: the model's name"),
                                    new Option("version", "V", "add: its version, such as 1.1.0"),
                                    new Option("sha256", "HEX", "add: the digest that the file must have")))),
            new Command(
                    "deployments",
                    "[list | set NAME KEY=VALUE... | remove NAME | history NAME | promote NAME | rollback NAME]",
                    "Shows or changes what a gateway serves",
                    0,
                    MANY,
                    join(CLIENT, List.of(new Option("limit", "N", "history: how many events (default 20)")))),
            new Command(
                    "drift",
                    "[list | recalibrate NAME]",
                    "Shows how far the data of deployments have drifted; takes what one sees now for normal",
                    0,
                    2,
                    CLIENT),
            new Command(
                    "settings",
                    "[list [PID] | set PID [NAME] KEY=VALUE... | remove PID [NAME]]",
                    "Shows or changes what else can be configured: cameras, applications, limits",
                    0,
                    MANY,
                    CLIENT),
            new Command(
                    "infer",
                    "MODEL INPUT...",
                    "Runs a model file on images (jpg, png, bmp), .npy or .pb inputs, without a gateway",
                    2,
                    MANY,
                    join(
                            PICTURE,
                            List.of(
                                    NAMES,
                                    new Option("min-score", "0..1", "boxes below are left out"),
                                    new Option("top", "K", "how many classes to print (default 5)"),
                                    new Option("out", "DIR", "write the outputs there as .npy"),
                                    new Option("accelerator", "ID", "where to run it: an id, a driver or a kind"),
                                    DRIVERS,
                                    DEVICE,
                                    JSON,
                                    VERBOSE))),
            new Command(
                    "bench",
                    "MODEL",
                    "Measures a model file on this machine, without a gateway",
                    1,
                    1,
                    List.of(
                            new Option("clients", "N", "callers side by side (default 1)"),
                            new Option("seconds", "S", "how long to measure, on each device (default 10)"),
                            new Option(
                                    "accelerator",
                                    "ID[,ID...]|all",
                                    "compare devices side by side: ids, drivers or kinds"),
                            new Option(
                                    "shape",
                                    "INPUT=1,3,224,224",
                                    "for open dimensions (default 1 each); several by semicolons"),
                            DRIVERS,
                            DEVICE,
                            JSON,
                            VERBOSE)),
            new Command(
                    LocalCommand.OPTIMIZE,
                    "MODEL",
                    "Makes a model file smaller and faster for this machine, measures, and keeps what is still right",
                    1,
                    1,
                    join(
                            PICTURE,
                            List.of(
                                    new Option(
                                            "calibration",
                                            "DIR",
                                            "sample inputs: pictures, .npy, .npz or .pb (default: those of the model's package)"),
                                    new Option(
                                            "labels",
                                            "FILE",
                                            "their right classes: lines FILE,CLASS or a .npy with one number for each sample"),
                                    new Option(
                                            "passes",
                                            "LIST|auto",
                                            "such as 'graph;quantize(weights=int8)' (default auto: a search)"),
                                    new Option(
                                            "budget",
                                            "LIST",
                                            "of latency=MILLISECONDS, size=MIB, memory=MIB, minutes=MINUTES (default minutes=10)"),
                                    new Option("least-agreement", "PERCENT", "with the model as it is (default 98)"),
                                    new Option(
                                            "most-loss", "POINTS", "of accuracy, where there are labels (default 0.5)"),
                                    new Option("accelerator", "ID", "for which device (default cpu)"),
                                    new Option("out", "DIR", "write the model and report.html there"),
                                    DRIVERS,
                                    DEVICE,
                                    JSON,
                                    VERBOSE))),
            new Command(
                    "demo",
                    "",
                    "Counts visitors of a rendered shop and swaps the model meanwhile",
                    0,
                    0,
                    List.of(
                            new Option("seconds", "N", "end by itself (default: until Ctrl-C)"),
                            new Option("port", "N", "port of the status page (default 8080; 0: any free one)"),
                            new Option("model", "FILE", "the first detector (default: shop-detector 1.0.0)"),
                            new Option("next-model", "FILE", "the one to swap in (default: shop-detector 1.1.0)"),
                            JSON,
                            VERBOSE)),
            new Command("version", "", "Shows the version", 0, 0, List.of()),
            new Command("help", "[COMMAND]", "Shows this, or how to use one command", 0, 1, List.of()));

    private Commands() {}

    static List<Command> all() {
        return ALL;
    }

    static Command find(String name) throws UsageException {
        for (Command command : ALL) {
            if (command.name().equals(name)) {
                return command;
            }
        }
        throw new UsageException("unknown command '" + name + "'"
                + Suggestion.text(name, ALL.stream().map(Command::name).toList())
                + "; 'edgewright help' lists the commands");
    }

    private static List<Option> join(List<Option> first, List<Option> second) {
        List<Option> all = new ArrayList<>(first);
        all.addAll(second);
        return List.copyOf(all);
    }
}
