/* Makes writes below one folder fail, for tests/faults.rs: preloaded into the program under test.
 *
 * FAULT_FOLDER  only files below it count
 * FAULT_NTH     which write fails, from 1
 * FAULT_KIND    full: ENOSPC; io: EIO; short: half of it is written, the next one is ENOSPC;
 *               lasting: ENOSPC from the nth on
 * FAULT_WHILE   instead of FAULT_NTH: every write is ENOSPC while this file exists, except to leases,
 *               which are written over in place and need no room
 * FAULT_MARK    a file that is made when a write fails, so that the test knows
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *folder, *kind, *lasts, *mark;
static size_t folder_bytes;
static long nth;
static atomic_long count;

__attribute__((constructor)) static void begin(void) {
    folder = getenv("FAULT_FOLDER");
    kind = getenv("FAULT_KIND");
    lasts = getenv("FAULT_WHILE");
    mark = getenv("FAULT_MARK");
    const char *told = getenv("FAULT_NTH");
    nth = told ? atol(told) : 0;
    folder_bytes = folder ? strlen(folder) : 0;
}

static int counts(int fd) {
    char link[64], path[PATH_MAX];
    if (!folder) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t bytes = readlink(link, path, sizeof path);
    if (bytes <= (ssize_t)folder_bytes || memcmp(path, folder, folder_bytes)) return 0;
    return !lasts || bytes < 5 || memcmp(path + bytes - 5, ".lock", 5);
}

static void note(void) {
    int fd = mark ? (int)syscall(SYS_openat, AT_FDCWD, mark, O_CREAT | O_WRONLY | O_CLOEXEC, 0600) : -1;
    if (fd >= 0) syscall(SYS_close, fd);
}

/* What becomes of this write: 0 nothing, an errno, or -1 for half of it. */
static int fault(int fd) {
    if (!counts(fd)) return 0;
    if (lasts) {
        if (access(lasts, F_OK)) return 0;
        note();
        return ENOSPC;
    }
    long now = atomic_fetch_add(&count, 1) + 1;
    int is_short = !strcmp(kind, "short");
    int due = !strcmp(kind, "lasting") ? now >= nth : now == nth || (is_short && now == nth + 1);
    if (!due) return 0;
    note();
    if (is_short && now == nth) return -1;
    return !strcmp(kind, "io") ? EIO : ENOSPC;
}

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

#define WRITES(name, arguments, fd, bytes, whole, half)          \
    ssize_t name arguments {                                     \
        REAL(name);                                              \
        int failure = fault(fd);                                 \
        if (failure > 0) { errno = failure; return -1; }         \
        return failure < 0 && (bytes) > 1 ? real half : real whole; \
    }

WRITES(write, (int fd, const void *from, size_t bytes), fd, bytes, (fd, from, bytes), (fd, from, bytes / 2))
WRITES(pwrite, (int fd, const void *from, size_t bytes, off_t at), fd, bytes, (fd, from, bytes, at), (fd, from, bytes / 2, at))
WRITES(pwrite64, (int fd, const void *from, size_t bytes, off64_t at), fd, bytes, (fd, from, bytes, at), (fd, from, bytes / 2, at))
WRITES(writev, (int fd, const struct iovec *from, int parts), fd, parts, (fd, from, parts), (fd, from, parts / 2))

#define KEEPS(name, arguments, fd, whole)                        \
    int name arguments {                                         \
        REAL(name);                                              \
        int failure = fault(fd);                                 \
        if (failure) { errno = failure > 0 ? failure : EIO; return -1; } \
        return real whole;                                       \
    }

KEEPS(fsync, (int fd), fd, (fd))
KEEPS(fdatasync, (int fd), fd, (fd))
KEEPS(ftruncate, (int fd, off_t bytes), fd, (fd, bytes))
KEEPS(ftruncate64, (int fd, off64_t bytes), fd, (fd, bytes))
