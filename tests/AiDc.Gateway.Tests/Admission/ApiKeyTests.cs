using System.Text;
using System.Text.Json;
using AiDc.ControllerRuntime.Json;
using AiDc.Gateway.Admission;
using Microsoft.Extensions.Primitives;

namespace AiDc.Gateway.Tests.Admission;

public sealed class ApiKeyTests
{
    [Test]
    public void A_key_is_its_clients_and_nobody_elses()
    {
        var keys = Read(("alice", "key-of-alice\n"), ("bob", " key-of-bob "))!;

        Assert.That(ApiKeyPolicy.ClientOf("key-of-alice", keys), Is.EqualTo("alice"));
        Assert.That(ApiKeyPolicy.ClientOf("key-of-bob", keys), Is.EqualTo("bob"));
        Assert.That(ApiKeyPolicy.ClientOf("key-of-bo", keys), Is.Null);
        Assert.That(ApiKeyPolicy.ClientOf("", keys), Is.Null);
    }

    [Test]
    public void An_empty_key_opens_nothing() => Assert.That(Read(("alice", " \n")), Is.Empty);

    [Test]
    public void The_key_itself_is_not_kept()
    {
        var keys = Read(("alice", "key-of-alice"))!;

        Assert.That(keys.Single().Sum, Is.Not.EqualTo(Encoding.UTF8.GetBytes("key-of-alice")).And.Length.EqualTo(32));
    }

    [Test]
    public void A_secret_without_data_has_no_keys() =>
        Assert.That(JsonSerializer.Deserialize("""{"metadata": {"name": "s"}}""", RuntimeJson.TypeInfo<KeySecret>())!.Keys, Is.Null);

    [TestCase("Bearer abc", "", "abc")]
    [TestCase("bearer  abc ", "", "abc")]
    [TestCase("", "abc", "abc")]
    [TestCase("Basic abc", "", null)]
    [TestCase("", "", null)]
    [TestCase("Bearer one", "two", "two")]
    public void A_key_is_where_clients_put_it(string authorization, string header, string? expected) =>
        Assert.That(ApiKeyPolicy.Presented(Values(authorization), Values(header)), Is.EqualTo(expected));

    private static StringValues Values(string text) => text.Length == 0 ? default : new StringValues(text);

    private static IReadOnlyList<ApiKey>? Read(params (string Client, string Key)[] keys)
    {
        var data = keys.ToDictionary(k => k.Client, k => Convert.ToBase64String(Encoding.UTF8.GetBytes(k.Key)));
        var json = JsonSerializer.Serialize(new { apiVersion = "v1", kind = "Secret", metadata = new { name = "aidc-api-keys", @namespace = "a" }, data });
        return JsonSerializer.Deserialize(json, RuntimeJson.TypeInfo<KeySecret>())!.Keys;
    }
}
