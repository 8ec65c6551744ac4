using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace AiDc.Gateway.Tests.Wire;

/// <summary>What of a request reaches the replica, and what of the answer comes back.</summary>
public sealed class PassingTests
{
    private TestGateway gateway = null!;
    private TestReplica replica = null!;

    [SetUp]
    public async Task StartAsync()
    {
        gateway = await TestGateway.StartAsync(("Gateway:DomainSuffix", "models.test"));
        replica = await TestReplica.StartAsync("one");
        await gateway.ServeAsync(replica);
    }

    [TearDown]
    public async Task StopAsync()
    {
        await gateway.DisposeAsync();
        await replica.DisposeAsync();
    }

    [Test]
    public async Task The_replica_sees_its_own_path_the_query_and_the_body()
    {
        var seen = await gateway.EchoAsync("/v2/models/m/infer?a=1&b=x%20y", "the body");

        Assert.That((seen.Method, seen.Target, seen.Body), Is.EqualTo(("POST", "/v2/models/m/infer?a=1&b=x%20y", "the body")));
    }

    [Test]
    public async Task The_header_and_the_host_lead_there_too()
    {
        using var byHeader = new HttpRequestMessage(HttpMethod.Get, "/any?x=1") { Headers = { { "aidc-service", "ns/model" } } };
        using var byHost = new HttpRequestMessage(HttpMethod.Get, "/any?x=2") { Headers = { Host = "model.ns.models.test" } };

        using var first = await gateway.Client.SendAsync(byHeader);
        using var second = await gateway.Client.SendAsync(byHost);

        Assert.That(await first.Content.ReadAsStringAsync(), Does.Contain("/any?x=1"));
        Assert.That(await second.Content.ReadAsStringAsync(), Does.Contain("/any?x=2"));
    }

    [Test]
    public async Task Headers_pass_and_those_between_gateway_and_server_do_not_leak()
    {
        var seen = await gateway.EchoAsync(change: r =>
        {
            r.Headers.Add("x-own", "kept");
            r.Headers.Add("authorization", "Bearer for-the-replica");
            r.Headers.Add("aidc-timeout-ms", "5000");
            r.Headers.Add("x-forwarded-for", "10.9.8.7");
        });
        using var response = await gateway.SendAsync();

        Assert.That(seen.Headers["x-own"], Is.EqualTo("kept"));
        Assert.That(seen.Headers["authorization"], Is.EqualTo("Bearer for-the-replica"), "without API keys it is the replica's");
        Assert.That(int.Parse(seen.Headers["aidc-timeout-ms"]), Is.InRange(1, 5000));
        Assert.That(seen.Headers["host"], Is.EqualTo($"127.0.0.1:{replica.HttpPort}"));
        Assert.That(seen.Headers["x-forwarded-for"], Does.StartWith("10.9.8.7, ").And.EndWith("127.0.0.1"));
        Assert.That(seen.Headers["x-forwarded-proto"], Is.EqualTo("http"));
        Assert.That(response.Headers.Contains("x-replica"), Is.True);
        Assert.That(response.Headers.Contains("aidc-queue"), Is.False);
    }

    [Test]
    public async Task What_a_proxy_in_front_says_of_the_client_is_passed_on()
    {
        var seen = await gateway.EchoAsync(change: r =>
        {
            r.Headers.Add("x-forwarded-proto", "https");
            r.Headers.Add("x-forwarded-host", "models.example.org");
        });

        Assert.That((seen.Headers["x-forwarded-proto"], seen.Headers["x-forwarded-host"]), Is.EqualTo(("https", "models.example.org")));
    }

    [Test]
    public async Task A_trace_is_passed_on_and_made_where_there_is_none()
    {
        const string Known = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

        var passed = await gateway.EchoAsync(change: r => r.Headers.Add("traceparent", Known));
        var made = await gateway.EchoAsync(change: r => r.Headers.Add("traceparent", "nonsense"));

        Assert.That(passed.Headers["traceparent"], Is.EqualTo(Known));
        Assert.That(made.Headers["traceparent"], Does.Match("^00-[0-9a-f]{32}-[0-9a-f]{16}-00$"));
    }

    [Test]
    public async Task Errors_of_the_replica_are_the_replicas()
    {
        replica.Handler = context =>
        {
            context.Response.StatusCode = 422;
            context.Response.Headers["x-why"] = "shape";
            return context.Response.WriteAsync("""{"error":"bad shape"}""");
        };

        using var response = await gateway.SendAsync();

        Assert.That(((int)response.StatusCode, await response.Content.ReadAsStringAsync()), Is.EqualTo((422, """{"error":"bad shape"}""")));
        Assert.That(response.Headers.GetValues("x-why"), Is.EqualTo(new[] { "shape" }));
    }

    [Test]
    public async Task Events_arrive_as_they_are_sent()
    {
        var next = new TaskCompletionSource();
        replica.Handler = async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: one\n\n");
            await context.Response.Body.FlushAsync();
            await next.Task;
            await context.Response.WriteAsync("data: two\n\n");
        };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/namespaces/ns/services/model/events");
        using var response = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        Assert.That(await reader.ReadLineAsync(), Is.EqualTo("data: one"), "the second is not sent before the first has arrived");
        next.SetResult();
        Assert.That(await reader.ReadToEndAsync(), Is.EqualTo("\ndata: two\n\n"));
        Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo("text/event-stream"));
    }

    [Test]
    public async Task A_body_reaches_the_replica_while_it_is_still_being_sent()
    {
        var arrived = new TaskCompletionSource();
        replica.Handler = async context =>
        {
            var buffer = new byte[5];
            await context.Request.Body.ReadExactlyAsync(buffer);
            arrived.SetResult();
            var rest = await new StreamReader(context.Request.Body).ReadToEndAsync();
            await context.Response.WriteAsync(Encoding.ASCII.GetString(buffer) + rest);
        };
        using var content = new LateContent("first", arrived.Task, "second");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/namespaces/ns/services/model/upload") { Content = content };

        using var response = await gateway.Client.SendAsync(request);

        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("firstsecond"));
    }

    [Test]
    public async Task A_body_far_beyond_the_buffer_passes_whole()
    {
        long length = 0;
        replica.Handler = async context =>
        {
            var buffer = new byte[1 << 16];
            for (int got; (got = await context.Request.Body.ReadAsync(buffer)) > 0;) length += got;
            await context.Response.WriteAsync("read");
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/namespaces/ns/services/model/upload") { Content = new ByteArrayContent(new byte[40_000_000]) };

        using var response = await gateway.Client.SendAsync(request);

        Assert.That((response.StatusCode, length), Is.EqualTo((HttpStatusCode.OK, 40_000_000L)));
    }

    /// <summary>Sends the second part only when told to.</summary>
    private sealed class LateContent(string first, Task until, string second) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(first));
            await stream.FlushAsync();
            await until.WaitAsync(TimeSpan.FromSeconds(20));
            await stream.WriteAsync(Encoding.ASCII.GetBytes(second));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
