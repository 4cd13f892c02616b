// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import java.io.PrintStream;

/** Prints how the command line is used. */
final class Help {

    private Help() {}

    static void overview(PrintStream out) {
        out.println("Edgewright runs, optimizes and updates AI models on a gateway.");
        out.println();
        out.println("usage: edgewright COMMAND [ARGUMENTS] [OPTIONS]");
        out.println();
        for (Command command : Commands.all()) {
            out.printf("  %-14s%s%n", command.name(), command.help());
        }
        out.println();
        out.println("'edgewright help COMMAND' shows its arguments and options.");
        out.println("Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no running gateway, 4 home in use, 5 port in use.");
    }

    static void command(PrintStream out, Command command) {
        out.println(command.help() + ".");
        out.println();
        out.println("usage: " + command.usage() + (command.options().isEmpty() ? "" : " [OPTIONS]"));
        if (!command.options().isEmpty()) {
            out.println();
            command.options().forEach(o -> out.printf("  %-32s%s%n", o, o.help()));
        }
    }
}
