// raii.cpp - C++17: objects that release themselves, and errors as exceptions.
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <liveblocks/liveblocks.h>

namespace liveblocks {

class Error : public std::runtime_error {
public:
    explicit Error(const lb_error &error) : std::runtime_error(line(error)), details(error) {}
    lb_error details;

private:
    static std::string line(const lb_error &error) {
        char text[2048];
        return lb_error_text(&error, text, sizeof text);
    }
};

template <auto release> struct Releaser {
    template <typename T> void operator()(T *object) const { release(object); }
};
using Loop = std::unique_ptr<lb_loop, Releaser<lb_loop_destroy>>;
using Handle = std::unique_ptr<lb_client, Releaser<lb_client_destroy>>;
using Response = std::unique_ptr<lb_response, Releaser<lb_response_free>>;

class Client {
public:
    Client() {
        lb_loop *loop = nullptr;
        if (lb_loop_create(&loop) != LB_OK) throw std::bad_alloc();
        loop_.reset(loop);
        lb_options options = lb_options_init();
        options.timeout = 10;
        lb_client *client = nullptr;
        lb_error error;
        if (lb_client_create(loop, &options, &client, &error) != LB_OK) throw Error(error);
        client_.reset(client);
    }

    // call(client, &response, &error): any function of the header that waits
    template <typename Call> std::string body(Call call) {
        lb_response *response = nullptr;
        lb_error error;
        int status = call(client_.get(), &response, &error);
        Response owned(response);
        if (status != LB_OK) throw Error(error);
        std::size_t size;
        const char *text = lb_response_body(response, &size);
        return std::string(text, size);
    }

private:
    Loop loop_; // released after the client
    Handle client_;
};

} // namespace liveblocks

int main() {
    try {
        liveblocks::Client client;
        client.body([](lb_client *c, lb_response **response, lb_error *error) {
            return lb_create_room(c, nullptr, LB_TEXT(R"({"id": "plan", "defaultAccesses": ["room:write"]})"), response, error);
        });
        const std::string room = client.body([](lb_client *c, lb_response **response, lb_error *error) {
            return lb_get_room(c, "plan", response, error);
        });
        std::cout << (room.find("\"id\":\"plan\"") != std::string::npos ? "there is a room\n" : "another room\n");
        client.body([](lb_client *c, lb_response **response, lb_error *error) { return lb_get_room(c, "none", response, error); });
    } catch (const liveblocks::Error &error) {
        std::cout << error.details.status << ' ' << error.details.code << '\n';
    }
}
