// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.console;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.osgi.service.useradmin.Group;
import org.osgi.service.useradmin.Role;
import org.osgi.service.useradmin.UserAdmin;

/**
 * What a user of Kura may do here, by his permissions there. Kura keeps both in the UserAdmin service: the role
 * {@code kura.user.NAME}, which is a basic member of the groups {@code kura.permission.NAME}. Immutable.
 */
final class Permissions {

    private static final String USER = "kura.user.";
    private static final String PERMISSION = "kura.permission.";

    private final List<Map.Entry<String, String>> roles;

    /**
     * @param operator the permission that makes an operator
     * @param viewer the permission that makes a viewer
     */
    Permissions(String operator, String viewer) {
        this.roles =
                List.of(Map.entry("kura.admin", "admin"), Map.entry(operator, "operator"), Map.entry(viewer, "viewer"));
    }

    /**
     * {@return the highest role that a permission of the user gives; empty if none does, or nobody can tell}
     *
     * @param users where Kura keeps users and permissions; null if that is absent
     * @param user the name he signed in with
     */
    Optional<String> role(@Nullable UserAdmin users, String user) {
        if (users == null || users.getRole(USER + user) == null) {
            return Optional.empty();
        }
        return roles.stream()
                .filter(r -> isMember(users.getRole(PERMISSION + r.getKey()), USER + user))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    private static boolean isMember(@Nullable Role permission, String user) {
        if (!(permission instanceof Group group)) {
            return false;
        }
        Role @Nullable [] members = group.getMembers();
        return members != null && Stream.of(members).anyMatch(m -> m.getName().equals(user));
    }
}
