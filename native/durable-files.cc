#include "durable-files.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include "system-error.h"
#include "unique-fd.h"

namespace momentd {

namespace {

struct File {
  std::string written_as;
  std::string path;
  const uint8_t* bytes;
  size_t length;
  UniqueFd fd;
};

Failure WriteAll(const File& file) {
  for (size_t done = 0; done < file.length;) {
    const ssize_t written = write(file.fd.get(), file.bytes + done, file.length - done);
    if (written < 0 && errno != EINTR) return {errno, "write", file.written_as};
    // A file that takes nothing and says so without an error would be asked for ever.
    if (written == 0) return {EIO, "write", file.written_as};
    if (written > 0) done += static_cast<size_t>(written);
  }
  return {};
}

// Threads that wait for the disk at once. The kernel joins flushes that wait together: 32 files one after another took three
// times as long as on 8 threads, and 16 were no quicker.
constexpr size_t kSyncThreadsMax = 8;

// Every n-th file, from one on, synced by a thread of its own.
struct SyncShare {
  std::vector<File>* files;
  size_t from;
  size_t step;
  Failure failure;

  static void* Run(void* self) {
    auto* share = static_cast<SyncShare*>(self);
    for (size_t i = share->from; i < share->files->size() && !share->failure; i += share->step) {
      File& file = (*share->files)[i];
      if (fdatasync(file.fd.get()) != 0) share->failure = {errno, "fdatasync", file.written_as};
      file.fd.reset();
    }
    return nullptr;
  }
};

// Returns when every file was synced and every thread has ended.
Failure SyncAll(std::vector<File>* files) {
  const size_t count = std::min(files->size(), kSyncThreadsMax);
  std::vector<SyncShare> shares;
  for (size_t i = 0; i < count; i++) shares.push_back({files, i, count, {}});
  std::vector<pthread_t> threads(count);
  std::vector<bool> started(count, false);
  for (size_t i = 1; i < count; i++)
    started[i] = pthread_create(&threads[i], nullptr, SyncShare::Run, &shares[i]) == 0;
  // This thread takes the first share, and those of threads that could not be had.
  for (size_t i = 0; i < count; i++)
    if (!started[i]) SyncShare::Run(&shares[i]);
  for (size_t i = 0; i < count; i++)
    if (started[i]) pthread_join(threads[i], nullptr);
  for (const SyncShare& share : shares)
    if (share.failure) return share.failure;
  return {};
}

// Runs on a thread of libuv's pool; holds the arrays it reads from until it has settled.
class ReplaceFiles : public Napi::AsyncWorker {
 public:
  ReplaceFiles(Napi::Env env, Napi::Array arrays, std::vector<File> files)
      : Napi::AsyncWorker(env, "momentd.replaceFiles"),
        promised_(Napi::Promise::Deferred::New(env)),
        arrays_(Napi::Persistent(arrays.As<Napi::Object>())),
        files_(std::move(files)) {}

  Napi::Promise Promise() const { return promised_.Promise(); }

  void Execute() override { failure_ = Run(); }

  void OnOK() override {
    Napi::HandleScope scope(Env());
    if (failure_) {
      promised_.Reject(ToError(Env(), failure_).Value());
    } else {
      promised_.Resolve(Env().Undefined());
    }
  }

 private:
  Failure Run() {
    // All are written, and the kernel told to begin, before any is waited for; then many wait at once.
    for (File& file : files_) {
      file.fd.reset(open(file.written_as.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
      if (!file.fd) return {errno, "open", file.written_as};
      if (const Failure failure = WriteAll(file)) return failure;
      (void)sync_file_range(file.fd.get(), 0, 0, SYNC_FILE_RANGE_WRITE);
    }
    if (const Failure failure = SyncAll(&files_)) return failure;
    for (const File& file : files_)
      if (rename(file.written_as.c_str(), file.path.c_str()) != 0) return {errno, "rename", file.path};
    return {};
  }

  Napi::Promise::Deferred promised_;
  Napi::ObjectReference arrays_;
  std::vector<File> files_;
  Failure failure_;
};

// replaceFiles(writtenAs, paths, contents): each content is written under its first name, synced, and renamed to its second.
Napi::Value ReplaceFilesCall(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const auto refuse = [&] {
    ToError(env, {EINVAL, "replaceFiles", ""}).ThrowAsJavaScriptException();
    return env.Undefined();
  };
  if (info.Length() != 3 || !info[0].IsArray() || !info[1].IsArray() || !info[2].IsArray()) return refuse();
  const auto written_as = info[0].As<Napi::Array>();
  const auto paths = info[1].As<Napi::Array>();
  const auto contents = info[2].As<Napi::Array>();
  if (written_as.Length() != paths.Length() || contents.Length() != paths.Length()) return refuse();
  // A list of our own keeps the arrays alive, whatever the caller does to his.
  const auto held = Napi::Array::New(env, contents.Length());
  std::vector<File> files;
  for (uint32_t i = 0; i < paths.Length(); i++) {
    const Napi::Value first = written_as[i], name = paths[i], content = contents[i];
    if (!first.IsString() || !name.IsString() || !content.IsTypedArray()) return refuse();
    if (content.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) return refuse();
    const auto bytes = content.As<Napi::Uint8Array>();
    held[i] = content;
    files.push_back({first.As<Napi::String>().Utf8Value(), name.As<Napi::String>().Utf8Value(), bytes.Data(),
                     bytes.ByteLength(), UniqueFd()});
  }
  auto* worker = new ReplaceFiles(env, held, std::move(files));
  const Napi::Promise promise = worker->Promise();
  worker->Queue();
  return promise;
}

// Runs on a thread of libuv's pool; holds the array it writes from until it has settled.
class WriteSynced : public Napi::AsyncWorker {
 public:
  WriteSynced(Napi::Env env, int fd, off_t offset, Napi::Uint8Array bytes)
      : Napi::AsyncWorker(env, "momentd.writeSynced"),
        promised_(Napi::Promise::Deferred::New(env)),
        held_(Napi::Persistent(bytes.As<Napi::Object>())),
        fd_(fd),
        offset_(offset),
        bytes_(bytes.Data()),
        length_(bytes.ByteLength()) {}

  Napi::Promise Promise() const { return promised_.Promise(); }

  void Execute() override { failure_ = Run(); }

  void OnOK() override {
    Napi::HandleScope scope(Env());
    if (failure_) {
      promised_.Reject(ToError(Env(), failure_).Value());
    } else {
      promised_.Resolve(Env().Undefined());
    }
  }

 private:
  Failure Run() {
    for (size_t done = 0; done < length_;) {
      const ssize_t written = pwrite(fd_, bytes_ + done, length_ - done, offset_ + static_cast<off_t>(done));
      if (written < 0 && errno != EINTR) return {errno, "pwrite", ""};
      // A file that takes nothing and says so without an error would be asked for ever.
      if (written == 0) return {EIO, "pwrite", ""};
      if (written > 0) done += static_cast<size_t>(written);
    }
    if (fdatasync(fd_) != 0) return {errno, "fdatasync", ""};
    return {};
  }

  Napi::Promise::Deferred promised_;
  Napi::ObjectReference held_;
  int fd_;
  off_t offset_;
  const uint8_t* bytes_;
  size_t length_;
  Failure failure_;
};

// writeSynced(fd, offset, bytes): all of it at that offset, then fdatasync, in one turn of a thread.
Napi::Value WriteSyncedCall(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const bool is_well_formed = info.Length() == 3 && info[0].IsNumber() && info[1].IsNumber() && info[2].IsTypedArray() &&
                              info[2].As<Napi::TypedArray>().TypedArrayType() == napi_uint8_array &&
                              info[1].As<Napi::Number>().Int64Value() >= 0;
  if (!is_well_formed) {
    ToError(env, {EINVAL, "writeSynced", ""}).ThrowAsJavaScriptException();
    return env.Undefined();
  }
  auto* worker = new WriteSynced(env, info[0].As<Napi::Number>().Int32Value(),
                                 static_cast<off_t>(info[1].As<Napi::Number>().Int64Value()), info[2].As<Napi::Uint8Array>());
  const Napi::Promise promise = worker->Promise();
  worker->Queue();
  return promise;
}

}  // namespace

void DefineDurableFiles(Napi::Env env, Napi::Object exports) {
  exports.Set("writeSynced", Napi::Function::New(env, WriteSyncedCall, "writeSynced"));
  exports.Set("replaceFiles", Napi::Function::New(env, ReplaceFilesCall, "replaceFiles"));
}

}  // namespace momentd
