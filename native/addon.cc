// The addon's door: what JavaScript cannot do itself. It reads clocks and returns raw integers, hashes what it is given and
// writes files where it is told; it decides nothing, and it has no call that sets or steers a clock. State is per environment, so that it loads in any number of worker threads.
#include <napi.h>

#include "clocks.h"
#include "durable-files.h"
#include "hashing.h"
#include "phc.h"
#include "pps.h"
#include "pty.h"
#include "unix-datagram.h"

namespace momentd {

class Addon : public Napi::Addon<Addon> {
 public:
  Addon(Napi::Env env, Napi::Object exports) {
    clocks_.Define(env, exports);
    DefinePty(env, exports);
    DefineUnixDatagram(env, exports);
    DefineHashing(env, exports);
    DefineDurableFiles(env, exports);
    PhcHandle::Define(env, exports);
    PpsHandle::Define(env, exports);
  }

 private:
  Clocks clocks_;
};

}  // namespace momentd

using momentd::Addon;
NODE_API_ADDON(Addon)
