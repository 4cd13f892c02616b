// SPDX-License-Identifier: Apache-2.0
package org.eclipse.kura.type;

import org.osgi.annotation.versioning.ProviderType;

/** The value of a property, with its type. */
@ProviderType
public interface TypedValue<T> extends Comparable<TypedValue<T>> {

    DataType getType();

    T getValue();
}
