// SPDX-License-Identifier: Apache-2.0
package io.edgewright.benchmarks;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.felix.framework.Felix;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;

/**
 * The least that a start on this platform costs, with nothing of ours: Felix with Configuration Admin, Metatype and Declarative
 * Services as the gateway has them, then one session of ONNX Runtime and one run of a model. Prints a line when that has answered.
 */
final class BareStart {

    static final String ANSWERED = "answered";

    private static final List<String> BUNDLES = List.of(
            "org.osgi.util.function",
            "org.osgi.util.promise",
            "org.osgi.service.component",
            "org.apache.felix.metatype",
            "org.apache.felix.configadmin",
            "org.apache.felix.scr");

    private BareStart() {}

    /**
     * Starts, asks once, and ends.
     *
     * @param arguments the gateway's folder of bundles, a folder that is not there yet, the model of {@link Workload#SIGNAL}, and
     *     anything more to stay until the process is ended
     */
    public static void main(String[] arguments) throws Exception {
        Map<String, Object> properties = new HashMap<>();
        properties.put(Constants.FRAMEWORK_STORAGE, arguments[1]);
        properties.put(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA, "org.osgi.service.log;version=1.5.0");
        var felix = new Felix(properties);
        felix.start();
        try {
            startAll(felix.getBundleContext(), Path.of(arguments[0]));
            ask(arguments[2]);
            if (arguments.length > 3) {
                felix.waitForStop(0);
            }
        } finally {
            felix.stop(); // its threads keep the process
        }
    }

    private static void startAll(BundleContext context, Path repository) throws BundleException, IOException {
        List<Bundle> bundles = new ArrayList<>();
        for (String name : BUNDLES) {
            bundles.add(context.installBundle(
                    "reference:" + only(repository, name + "-[0-9]*.jar").toUri()));
        }
        for (Bundle bundle : bundles) {
            bundle.start();
        }
    }

    private static void ask(String model) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession(model);
                OnnxTensor input =
                        OnnxTensor.createTensor(environment, FloatBuffer.allocate(256), new long[] {1, 1, 256});
                OrtSession.Result result = session.run(Map.of("input", input))) {
            System.out.println(ANSWERED + " with " + result.size());
        }
    }

    /** {@return the first file in a folder whose name is like that} */
    static Path only(Path folder, String glob) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, glob)) {
            return files.iterator().next();
        }
    }
}
