/* Runs a command and appends what it cost as one JSON line.
 *   measure LOG CORPUS TOOL COMMAND...
 * CPU is user and system time of the command and its children, wall by the monotonic
 * clock, RSS the largest of any of them. The command's own output goes to /dev/null.
 * Exits with the command's status. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void run(char **command)
{
	int null = open("/dev/null", O_RDWR);

	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
		_exit(126);
	execvp(command[0], command);
	_exit(127);
}

int main(int argc, char **argv)
{
	struct rusage used;
	double start, wall, load[1] = { 0 };
	int status, code;
	pid_t pid;
	FILE *log;

	if (argc < 5) {
		fputs("usage: measure LOG CORPUS TOOL COMMAND...\n", stderr);
		return 2;
	}
	if (getloadavg(load, 1) != 1)
		load[0] = -1;
	start = now();
	pid = fork();
	if (pid == 0)
		run(argv + 4);
	if (pid < 0 || wait4(pid, &status, 0, &used) != pid) {
		perror("measure");
		return 2;
	}
	wall = now() - start;
	code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	log = fopen(argv[1], "a");
	if (!log || fprintf(log, "{\"corpus\":\"%s\",\"tool\":\"%s\",\"user\":%.6f,\"sys\":%.6f,"
			    "\"wall\":%.6f,\"rss_kib\":%ld,\"status\":%d,\"load\":%.2f}\n", argv[2],
			    argv[3], seconds(used.ru_utime), seconds(used.ru_stime), wall,
			    used.ru_maxrss, code, load[0]) < 0 || fclose(log) != 0) {
		perror(argv[1]);
		return 2;
	}
	return code;
}
