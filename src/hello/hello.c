/* SPDX-License-Identifier: Apache-2.0 */
/* hello: the first container. Says who it is on both sides of the user namespace. */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

struct range {
	unsigned long inside, outside, count;
};

/* The host id behind id, or -1 when the map has none. */
static long outside_of(const char *path, unsigned long id, unsigned long *total)
{
	struct range r;
	long found = -1;
	FILE *f = fopen(path, "re");

	*total = 0;
	if (!f)
		return -1;
	while (fscanf(f, "%lu %lu %lu", &r.inside, &r.outside, &r.count) == 3) {
		*total += r.count;
		if (id >= r.inside && id - r.inside < r.count)
			found = (long)(r.outside + (id - r.inside));
	}
	fclose(f);
	return found;
}

static void say(const char *kind, const char *path, unsigned long id)
{
	unsigned long total;
	long out = outside_of(path, id, &total);

	if (out < 0)
		printf("  %s %lu inside, unknown outside\n", kind, id);
	else
		printf("  %s %lu inside is %s %ld outside (%lu id%s mapped)\n", kind, id, kind, out,
		       total, total == 1 ? "" : "s");
}

int main(void)
{
	struct utsname u;

	printf("Hello from a rootlet container!\n\n");
	say("uid", "/proc/self/uid_map", geteuid());
	say("gid", "/proc/self/gid_map", getegid());
	if (uname(&u) == 0)
		printf("  host name %s, pid %d, kernel %s\n", u.nodename, (int)getpid(), u.release);
	printf("\nNo root, no daemon. Try next: rootlet run --rm -it host:/ bash\n");
	return fflush(stdout) == 0 ? 0 : 1;
}
