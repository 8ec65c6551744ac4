using AiDc.Gateway.Configuration;
using AiDc.Gateway.Hosting;
using Microsoft.Extensions.Configuration;

namespace AiDc.Gateway.Tests.Hosting;

public sealed class GatewayOptionsTests
{
    [Test]
    public void The_defaults_are_valid() => Assert.That(Problems(_ => { }), Is.Empty);

    [Test]
    public void Each_problem_names_the_setting_the_variable_and_the_fix()
    {
        Assert.That(Problems(o => o.HoldSeconds = 0), Is.EqualTo(new[]
        {
            "Gateway:HoldSeconds (environment variable Gateway__HoldSeconds) is '0', which is out of range; give 1 to 3600",
        }));
        Assert.That(Problems(o => o.ApiKeySecrets.Add("Not A Name")).Single(), Does.StartWith("Gateway:ApiKeySecrets:0 (environment variable Gateway__ApiKeySecrets__0)"));
    }

    [Test]
    public void What_cannot_work_is_refused()
    {
        Assert.That(Problems(o => o.WatchNamespace = "A"), Has.Count.EqualTo(1));
        Assert.That(Problems(o => o.DomainSuffix = ".models"), Has.Count.EqualTo(1));
        Assert.That(Problems(o => o.MaxWaiting = 0), Has.Count.EqualTo(1));
        Assert.That(Problems(o => o.DrainSeconds = -1), Has.Count.EqualTo(1));
        Assert.That(Problems(o => o.ShutdownSeconds = 0), Has.Count.EqualTo(1));
        Assert.That(Problems(o => o.AccessLogSampleRate = double.NaN), Has.Count.EqualTo(1));
        Assert.That(Problems(o => o.AccessLogSampleRate = 1.1), Has.Count.EqualTo(1));
        Assert.That(Problems(o => o.OperatorAddress = "http://10.0.0.1:8443"), Has.Count.EqualTo(1));
        Assert.That(Problems(o => o.HttpPort = 70000), Has.Count.EqualTo(1));
        Assert.That(Problems(o => o.GrpcPort = o.HttpPort), Has.Count.EqualTo(1));
        Assert.That(Problems(o => o.HttpsPort = o.HttpPort), Is.Empty, "no TLS, no port");
        Assert.That(Problems(o => o.TlsFolder = "/nowhere").Single(), Does.Contain("cannot be read"));
    }

    [Test]
    public void The_operator_is_found_in_the_environment()
    {
        var options = new GatewayOptions();
        var environment = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["AIDC_OPERATOR_SERVICE_HOST"] = "10.96.7.7", ["AIDC_OPERATOR_SERVICE_PORT_COORDINATOR"] = "8443", ["POD_NAME"] = "aidc-gateway-x", ["POD_UID"] = "u-1",
        }).Build();

        new GatewayOptionsDefaults(environment).PostConfigure(null, options);

        Assert.That((options.OperatorAddress, options.PodName, options.PodUid), Is.EqualTo(("https://10.96.7.7:8443", "aidc-gateway-x", "u-1")));
    }

    private static List<string> Problems(Action<GatewayOptions> change)
    {
        var options = new GatewayOptions();
        change(options);
        return [.. new GatewayOptionsValidator().Validate(null, options).Failures ?? []];
    }
}
