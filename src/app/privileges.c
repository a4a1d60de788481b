/* Giving up privileges, and looking whether they are gone.
 * Source: capabilities(7), prctl(2), setresuid(2), getrlimit(2).
 * Trust: the user's name comes from the operator.
 * Memory: none kept.
 *
 * Order matters: groups and ids need capabilities, so they go first; the dumpable
 * flag is reset by the kernel when ids change, so it comes after. */
#define _GNU_SOURCE
#include "app/privileges.h"

#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FALLBACK_USER "nobody"

struct reason {
	char *text;
	size_t size;
};

static bool fail(const struct reason *why, const char *step)
{
	snprintf(why->text, why->size, "giving up privileges: %s: %s", step, strerror(errno));
	return false;
}

static bool contradiction(const struct reason *why, const char *what)
{
	snprintf(why->text, why->size, "giving up privileges: %s", what);
	return false;
}

/* capset(2) changes the calling thread alone. Where /proc is not mounted the caller's
 * promise has to do. */
static bool is_one_thread(void)
{
	DIR *tasks = opendir("/proc/self/task");
	const struct dirent *entry;
	unsigned n = 0;

	if (!tasks)
		return true;
	while ((entry = readdir(tasks)) != NULL)
		n += entry->d_name[0] != '.';
	closedir(tasks);
	return n <= 1;
}

static const struct passwd *find_user(const char *user, bool may_be_nobody,
				      const struct reason *why)
{
	const struct passwd *entry = getpwnam(user);

	if (!entry && may_be_nobody) {
		user = FALLBACK_USER;
		entry = getpwnam(user);
	}
	if (!entry) {
		snprintf(why->text, why->size, "giving up privileges: found no user %s; create it "
			 "or name another as capture.user", user);
		return NULL;
	}
	if (entry->pw_uid == 0 || entry->pw_gid == 0) {
		snprintf(why->text, why->size, "giving up privileges: found that %s is root or in "
			 "its group; name an unprivileged user as capture.user", user);
		return NULL;
	}
	return entry;
}

static bool drop_bounding_set(const struct reason *why)
{
	int cap;

	for (cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		/* Without CAP_SETPCAP (in a container) it stays; with no_new_privs and
		 * empty sets it gives nothing. */
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0 && errno != EPERM)
			return fail(why, "bounding set");
	return true;
}

static bool change_ids(uid_t uid, gid_t gid, const struct reason *why)
{
	uid_t r, e, s;
	gid_t rg, eg, sg;

	if (setgroups(0, NULL) < 0)
		return fail(why, "supplementary groups");
	if (setresgid(gid, gid, gid) < 0)
		return fail(why, "group");
	if (setresuid(uid, uid, uid) < 0)
		return fail(why, "user");
	if (getresuid(&r, &e, &s) < 0 || getresgid(&rg, &eg, &sg) < 0)
		return fail(why, "reading the ids back");
	if (r != uid || e != uid || s != uid || rg != gid || eg != gid || sg != gid)
		return contradiction(why, "the ids are not what was asked for");
	if (getgroups(0, NULL) != 0)
		return contradiction(why, "supplementary groups are left");
	return true;
}

static bool clear_capabilities(const struct reason *why)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = { { 0, 0, 0 } };
	unsigned i;

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return fail(why, "ambient capabilities");
	if (syscall(SYS_capset, &head, sets) < 0)
		return fail(why, "capabilities");
	memset(sets, 0xff, sizeof(sets));
	if (syscall(SYS_capget, &head, sets) < 0)
		return fail(why, "reading the capabilities back");
	for (i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		if (sets[i].effective || sets[i].permitted || sets[i].inheritable)
			return contradiction(why, "capabilities are left");
	return true;
}

static bool forbid_dumps(const struct reason *why)
{
	struct rlimit none = { .rlim_cur = 0, .rlim_max = 0 };

	if (setrlimit(RLIMIT_CORE, &none) < 0 || getrlimit(RLIMIT_CORE, &none) < 0)
		return fail(why, "core dumps");
	if (none.rlim_cur != 0 || none.rlim_max != 0)
		return contradiction(why, "core dumps are still allowed");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return fail(why, "dumpable flag");
	if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
		return contradiction(why, "the process can still be dumped");
	return true;
}

static bool forbid_gains(const struct reason *why)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return fail(why, "no_new_privs");
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return contradiction(why, "no_new_privs is not set");
	return true;
}

bool wt_privileges_drop(const char *user, bool may_be_nobody, char *error, size_t error_size)
{
	const struct reason why = { .text = error, .size = error_size };

	if (!is_one_thread())
		return contradiction(&why, "threads are running already");
	if (geteuid() == 0) {
		const struct passwd *entry = find_user(user, may_be_nobody, &why);

		if (!entry || !drop_bounding_set(&why) ||
		    !change_ids(entry->pw_uid, entry->pw_gid, &why))
			return false;
	}
	if (!clear_capabilities(&why) || !forbid_gains(&why) || !forbid_dumps(&why))
		return false;
	if (setuid(0) == 0 || geteuid() == 0 || getuid() == 0)
		return contradiction(&why, "root can be had again");
	return true;
}
