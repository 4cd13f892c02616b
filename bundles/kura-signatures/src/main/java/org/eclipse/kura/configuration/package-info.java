// SPDX-License-Identifier: Apache-2.0
@Version("1.2.0")
package org.eclipse.kura.configuration;

import org.osgi.annotation.versioning.Version;
