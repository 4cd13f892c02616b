// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import io.edgewright.api.config.Settings;
import io.edgewright.api.health.HealthCheck;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.model.ModelStore;
import io.edgewright.api.model.WritableModelStore;
import io.edgewright.api.optimize.Optimizer;
import io.edgewright.api.update.UpdateAgent;
import java.util.List;
import java.util.Optional;

/** The services behind the two APIs as they are now: any of them may come and go. */
interface Backend {

    /** {@return what the runtime serves} */
    Optional<Deployments> findDeployments();

    /** {@return the predictor of a deployment} */
    Optional<Predictor> findPredictor(String deployment);

    /** {@return every store, the preferred one first} */
    List<ModelStore> stores();

    /** {@return where models are uploaded to} */
    Optional<WritableModelStore> findWritableStore();

    /** {@return where deployments are created and changed} */
    Optional<Settings> findSettings();

    /** {@return who fetches and applies updates} */
    Optional<UpdateAgent> findUpdateAgent();

    /** {@return who knows whether the gateway is well} */
    List<HealthCheck> healthChecks();

    /**
     * {@return what can be configured}
     *
     * @throws HttpProblem 503 if nobody can tell
     */
    List<SettingTypes.Type> settingTypes() throws HttpProblem;

    /** {@return who makes models smaller and faster} */
    Optional<Optimizer> findOptimizer();

    default Optimizer optimizer() throws HttpProblem {
        return findOptimizer().orElseThrow(() -> HttpProblem.absent("optimizer"));
    }

    default Deployments deployments() throws HttpProblem {
        return findDeployments().orElseThrow(() -> HttpProblem.absent("runtime"));
    }

    default Settings settings() throws HttpProblem {
        return findSettings().orElseThrow(() -> HttpProblem.absent("settings service"));
    }

    default UpdateAgent updateAgent() throws HttpProblem {
        return findUpdateAgent().orElseThrow(() -> HttpProblem.absent("update agent"));
    }

    default WritableModelStore writableStore() throws HttpProblem {
        return findWritableStore().orElseThrow(() -> HttpProblem.absent("store that models can be added to"));
    }
}
