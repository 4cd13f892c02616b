// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.cloud;

import static org.osgi.service.component.annotations.ReferenceCardinality.OPTIONAL;
import static org.osgi.service.component.annotations.ReferencePolicy.DYNAMIC;
import static org.osgi.service.component.annotations.ReferencePolicyOption.GREEDY;

import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.model.WritableModelStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.eclipse.kura.KuraErrorCode;
import org.eclipse.kura.KuraException;
import org.eclipse.kura.deployment.hook.DeploymentHook;
import org.eclipse.kura.deployment.hook.RequestContext;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves a file that DEPLOY-V2 has fetched into the model store. DEPLOY-V2 calls it after a failed download too, with whatever
 * came, so the digest is required. Thread-safe.
 */
@Component(
        name = ModelHook.PID,
        property = {"kura.service.pid=" + ModelHook.PID, "kura.ui.service.hide:Boolean=true"})
public final class ModelHook implements DeploymentHook {

    static final String PID = "io.edgewright.kura.cloud.hook";

    private static final Logger LOG = LoggerFactory.getLogger(ModelHook.class);

    private static final String EXPECTED =
            ", expected hook.properties with file=shelf.onnx, sha256=64 lower-case hexadecimal digits and, where the package"
                    + " does not say them, name and version";

    @Reference(cardinality = OPTIONAL, policy = DYNAMIC, policyOption = GREEDY)
    volatile @Nullable WritableModelStore store;

    /** Refuses, before anything is fetched, what could not be stored. */
    @Override
    public void preDownload(RequestContext context, Map<String, Object> properties) throws KuraException {
        options(properties);
        file(properties);
        if (store == null) {
            throw new KuraException(
                    KuraErrorCode.SERVICE_UNAVAILABLE, "no store that models can be added to is running");
        }
    }

    @Override
    public void postDownload(RequestContext context, Map<String, Object> properties) throws KuraException {
        WritableModelStore.AddOptions options = options(properties);
        String file = file(properties);
        Path downloaded = Path.of(context.getDownloadFilePath());
        WritableModelStore target = store;
        if (target == null) {
            throw new KuraException(
                    KuraErrorCode.SERVICE_UNAVAILABLE, "no store that models can be added to is running");
        }
        try (InputStream content = Files.newInputStream(downloaded)) {
            ModelManifest stored = target.add(content, file, options);
            LOG.info("{} is stored as {}", downloaded, stored.id());
            Files.delete(downloaded);
        } catch (ModelException e) {
            throw new KuraException(KuraErrorCode.INVALID_PARAMETER, e, file + " is not stored: " + e.getMessage());
        } catch (IOException e) {
            throw new KuraException(KuraErrorCode.IO_ERROR, e, downloaded + " cannot be read or deleted");
        }
    }

    /** Nothing is left to do: the store has it since the download. */
    @Override
    public void postInstall(RequestContext context, Map<String, Object> properties) {}

    private static WritableModelStore.AddOptions options(Map<String, Object> properties) throws KuraException {
        Optional<String> name = find(properties, "name");
        Optional<String> version = find(properties, "version");
        String sha256 = find(properties, "sha256").orElse("");
        try {
            ModelId.of(name.orElse("unnamed"), version.orElse("1"));
        } catch (IllegalArgumentException e) {
            throw new KuraException(KuraErrorCode.BAD_REQUEST, e, e.getMessage() + EXPECTED);
        }
        if (!sha256.matches("[0-9a-f]{64}")) {
            throw new KuraException(KuraErrorCode.BAD_REQUEST, "sha256 is '" + sha256 + "'" + EXPECTED);
        }
        return new WritableModelStore.AddOptions(name, version, Map.of(), Optional.of(sha256));
    }

    private static String file(Map<String, Object> properties) throws KuraException {
        return find(properties, "file")
                .orElseThrow(() -> new KuraException(KuraErrorCode.BAD_REQUEST, "file is missing" + EXPECTED));
    }

    private static Optional<String> find(Map<String, Object> properties, String key) {
        return Optional.ofNullable(properties.get(key))
                .map(v -> v.toString().strip())
                .filter(v -> !v.isEmpty());
    }
}
