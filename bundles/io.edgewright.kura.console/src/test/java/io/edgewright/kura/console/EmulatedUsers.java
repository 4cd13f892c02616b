// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.console;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.service.useradmin.Group;
import org.osgi.service.useradmin.Role;
import org.osgi.service.useradmin.User;
import org.osgi.service.useradmin.UserAdmin;

/** Users and permissions as Kura keeps them; only what is asked is there. */
final class EmulatedUsers {

    private EmulatedUsers() {}

    /** {@return users by name, each with permissions} */
    static UserAdmin of(Map<String, List<String>> users) {
        return proxy(UserAdmin.class, (method, argument) -> {
            String name = String.valueOf(argument);
            if (name.startsWith("kura.user.")) {
                return users.containsKey(name.substring("kura.user.".length())) ? user(name) : null;
            }
            String permission = name.substring("kura.permission.".length());
            Role[] members = users.entrySet().stream()
                    .filter(u -> u.getValue().contains(permission))
                    .map(u -> (Role) user("kura.user." + u.getKey()))
                    .toArray(Role[]::new);
            // as UserAdmin has it: null for a group without members
            return proxy(Group.class, (m, a) -> m.equals("getMembers") && members.length > 0 ? members : null);
        });
    }

    private static User user(String name) {
        return proxy(User.class, (method, argument) -> name);
    }

    @FunctionalInterface
    private interface Answer {
        @Nullable
        Object to(String method, @Nullable Object argument);
    }

    private static <T> T proxy(Class<T> type, Answer answer) {
        return type.cast(Proxy.newProxyInstance(
                EmulatedUsers.class.getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) -> answer.to(method.getName(), arguments == null ? null : arguments[0])));
    }
}
