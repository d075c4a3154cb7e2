import com.amazonaws.services.dynamodbv2.local.main.ServerRunner;
import com.amazonaws.services.dynamodbv2.local.server.DynamoDBProxyServer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** DynamoDB Local listens on every interface and cannot be told otherwise; this starts it on loopback alone. */
public class Loopback {
    public static void main(String[] arguments) throws Exception {
        DynamoDBProxyServer dynamo = ServerRunner.createServerFromCommandLineArgs(arguments);
        var field = DynamoDBProxyServer.class.getDeclaredField("server");
        field.setAccessible(true);
        ServerConnector connector = (ServerConnector) ((Server) field.get(dynamo)).getConnectors()[0];
        connector.setHost("127.0.0.1");
        dynamo.start();
        System.out.println("listening on " + connector.getLocalPort());
        dynamo.join();
    }
}
