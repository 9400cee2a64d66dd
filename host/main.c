/* main.c - the program: a Lua state with everything in it, and the Lua half that does the rest. */
#include "host.h"

int main(int argc, char **argv) {
    return host_run(argc, argv);
}
